using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Tracing;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

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

    public static bool WriteTraceId(in FormatContext context, ByteWriter output)
    {
        if (context.Info.Span is not { } span)
            return false;
        HexText.WriteTraceId(output, span);
        return true;
    }

    /// <summary>What the line is about; NotSet elsewhere (headers, listeners).</summary>
    public static bool WriteLogType(in FormatContext context, ByteWriter output)
    {
        output.Write(context.LogType switch
        {
            AccessLogType.TcpUpstreamConnected => "TcpUpstreamConnected"u8,
            AccessLogType.TcpPeriodic => "TcpPeriodic"u8,
            AccessLogType.TcpConnectionEnd => "TcpConnectionEnd"u8,
            AccessLogType.UdpPeriodic => "UdpPeriodic"u8,
            AccessLogType.UdpSessionEnd => "UdpSessionEnd"u8,
            AccessLogType.DownstreamStart => "DownstreamStart"u8,
            AccessLogType.DownstreamPeriodic => "DownstreamPeriodic"u8,
            AccessLogType.DownstreamEnd => "DownstreamEnd"u8,
            AccessLogType.UpstreamPoolReady => "UpstreamPoolReady"u8,
            AccessLogType.UpstreamPeriodic => "UpstreamPeriodic"u8,
            AccessLogType.UpstreamEnd => "UpstreamEnd"u8,
            AccessLogType.DownstreamTunnelSuccessfullyEstablished => "DownstreamTunnelSuccessfullyEstablished"u8,
            _ => "NotSet"u8,
        });
        return true;
    }
}
