using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;

namespace Weft.Proxy.Formatting;

/// <summary>How the texts of operators without parameters are written.</summary>
internal static class TextSources
{
    public static bool Write(string? text, ByteWriter output)
    {
        if (string.IsNullOrEmpty(text))
            return false;
        output.Write(text);
        return true;
    }

    /// <summary>Spaces become underscores, so that the text stays one word of its line.</summary>
    public static bool WriteWithoutSpaces(string? text, ByteWriter output)
    {
        if (string.IsNullOrEmpty(text))
            return false;
        foreach (var part in text.AsSpan().Split(' '))
        {
            if (part.Start.Value > 0)
                output.Write((byte)'_');
            output.Write(text.AsSpan(part));
        }

        return true;
    }

    public static bool Write(HttpProtocol? protocol, ByteWriter output)
    {
        if (protocol is null)
            return false;
        output.Write(protocol switch
        {
            HttpProtocol.Http10 => "HTTP/1.0"u8,
            HttpProtocol.Http11 => "HTTP/1.1"u8,
            HttpProtocol.Http2 => "HTTP/2"u8,
            _ => "HTTP/3"u8,
        });
        return true;
    }

    /// <summary>The endpoint's name, or its address when it has none.</summary>
    public static bool WriteHostName(in FormatContext context, ByteWriter output, bool withPort)
    {
        if (context.Info.UpstreamEndpoint is not { } endpoint)
            return false;
        if (endpoint.Hostname.Length > 0)
        {
            var name = endpoint.Hostname.AsSpan();
            var colon = withPort ? -1 : name.LastIndexOf(':');
            output.Write(colon < 0 ? name : name[..colon]);
        }
        else if (withPort)
            output.Write(endpoint.AddressText);
        else
            output.Advance(endpoint.Address.Format(output.GetSpan(NetAddress.MaxTextBytes), withPort: false));
        return true;
    }

    /// <summary>The id of a request is its x-request-id.</summary>
    public static bool WriteRequestId(in FormatContext context, ByteWriter output)
    {
        if (context.RequestHeaders is not { } headers || !headers.Has(KnownHeader.XRequestId))
            return false;
        output.Write(headers.Get(KnownHeader.XRequestId));
        return true;
    }

    /// <summary>Lines are written when a request or connection has ended; elsewhere (headers) there is no log.</summary>
    public static bool WriteLogType(in FormatContext context, ByteWriter output)
    {
        if (context.Info.EndUs == 0)
            output.Write("NotSet"u8);
        else
            output.Write(context.RequestHeaders is null ? "TcpConnectionEnd"u8 : "DownstreamEnd"u8);
        return true;
    }
}
