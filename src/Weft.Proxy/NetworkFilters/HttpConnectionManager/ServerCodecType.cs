namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>HttpConnectionManager.codec_type.</summary>
internal enum ServerCodecType : byte
{
    /// <summary>By ALPN, or by the preface of HTTP/2, else HTTP/1.</summary>
    Auto,
    Http1,
    Http2,
}
