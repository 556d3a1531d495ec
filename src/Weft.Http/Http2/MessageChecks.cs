using System.Buffers.Text;
using Weft.Http.Urls;

namespace Weft.Http.Http2;

/// <summary>What a complete head must be (RFC 9113 section 8.3), beyond what its single fields show.</summary>
internal static class MessageChecks
{
    public static Http2Fault? CheckRequest(HeaderMap headers, Http2Options options)
    {
        var method = headers.Get(KnownHeader.Method);
        if (!ByteScan.IsToken(method) || !TakeHost(headers)) return Http2Fault.Messaging;
        var isConnect = method.SequenceEqual("CONNECT"u8);
        if (headers.Has(KnownHeader.Protocol) && (!isConnect || !options.AllowConnect || headers.Get(KnownHeader.Protocol).IsEmpty))
            return Http2Fault.Messaging;
        if (isConnect && !headers.Has(KnownHeader.Protocol))
            return headers.Has(KnownHeader.Scheme) || headers.Has(KnownHeader.Path) || !headers.Has(KnownHeader.Authority) ? Http2Fault.Messaging : null;
        return IsScheme(headers) && IsPath(headers.Get(KnownHeader.Path), method) ? null : Http2Fault.Messaging;
    }

    public static Http2Fault? CheckResponse(HeaderMap headers)
    {
        var status = headers.Get(KnownHeader.Status);
        var isStatus = status.Length == 3 && status[0] is >= (byte)'1' and <= (byte)'5' && !status.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        // RFC 9113 section 8.6: there is no 101.
        return isStatus && !status.SequenceEqual("101"u8) ? null : Http2Fault.Messaging;
    }

    /// <summary>The content-length; -1 when there is none. False for one that is no number or came twice.</summary>
    public static bool TryReadContentLength(HeaderMap headers, out long length)
    {
        length = -1;
        if (!headers.Has(KnownHeader.ContentLength)) return true;
        var text = headers.Get(KnownHeader.ContentLength);
        return !headers.IsRepeated(KnownHeader.ContentLength) && !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(text, out length, out var read) && read == text.Length;
    }

    /// <summary>The host is :authority; a host header is believed only without it.</summary>
    private static bool TakeHost(HeaderMap headers)
    {
        if (headers.HasOwn(KnownHeader.Host))
        {
            if (headers.IsRepeated(KnownHeader.Host)) return false;
            if (headers.HasOwn(KnownHeader.Authority)) headers.Remove(KnownHeader.Host);
            else headers.MakeHostAuthority();
        }

        return !headers.HasOwn(KnownHeader.Authority) || Authority.IsValid(headers.GetOwn(KnownHeader.Authority));
    }

    /// <summary>Only what is proxied here, in whatever case it is written; in lower case from here on, so that nobody can be told one thing and asked another.</summary>
    private static bool IsScheme(HeaderMap headers)
    {
        var scheme = headers.Get(KnownHeader.Scheme);
        if (scheme.SequenceEqual("http"u8) || scheme.SequenceEqual("https"u8)) return true;
        if (System.Text.Ascii.EqualsIgnoreCase(scheme, "http"u8)) headers.Set(KnownHeader.Scheme, "http"u8);
        else if (System.Text.Ascii.EqualsIgnoreCase(scheme, "https"u8)) headers.Set(KnownHeader.Scheme, "https"u8);
        else return false;
        return true;
    }

    private static bool IsPath(ReadOnlySpan<byte> path, ReadOnlySpan<byte> method)
    {
        if (path.IsEmpty || path.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E)) return false;
        return path[0] == '/' || (path is [(byte)'*'] && method.SequenceEqual("OPTIONS"u8));
    }
}
