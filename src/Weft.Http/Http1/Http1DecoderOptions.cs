namespace Weft.Http.Http1;

/// <summary>Limits and choices of a decoder (Envoy's Http1ProtocolOptions and HttpConnectionManager limits). Immutable, shared.</summary>
public sealed record Http1DecoderOptions
{
    /// <summary>Bytes of request or status line and headers; default 60 KiB (max_request_headers_kb).</summary>
    public int MaxHeadersBytes { get; init; } = 60 * 1024;

    /// <summary>Headers of one message; default 100 (max_headers_count).</summary>
    public int MaxHeadersCount { get; init; } = 100;

    /// <summary>accept_http_10; default false: an HTTP/1.0 request is answered 426.</summary>
    public bool AcceptHttp10 { get; init; }

    /// <summary>default_host_for_http_10: the host of HTTP/1.0 requests that name none; default none, they are refused.</summary>
    public string? DefaultHostForHttp10 { get; init; }

    /// <summary>enable_trailers; default false: trailers are checked and dropped.</summary>
    public bool EnableTrailers { get; init; }

    /// <summary>allow_absolute_url; default true. Otherwise an absolute URL becomes the path as it is.</summary>
    public bool AllowAbsoluteUrl { get; init; } = true;

    /// <summary>allow_chunked_length; default false: content-length with transfer-encoding is refused.</summary>
    public bool AllowChunkedLength { get; init; }

    /// <summary>allow_custom_methods; default false: only the methods that Envoy knows, otherwise any token.</summary>
    public bool AllowCustomMethods { get; init; }

    /// <summary>
    /// Answers 403 to a request for an <c>https:</c> URL; default false. Envoy does on plaintext connections when it uses the
    /// remote address and trusts no hop.
    /// </summary>
    public bool RefuseHttpsUrl { get; init; }

    /// <summary>header_key_format with the preserve_case formatter: the map keeps names as they were written. Default false.</summary>
    public bool PreservesCase { get; init; }

    /// <summary>formatter_type_on_envoy_headers PROPER_CASE: so are names written that were added on the way. Default false: in lower case.</summary>
    public bool IsProperCaseForOthers { get; init; }

    /// <summary>ignore_http_11_upgrade: members of an Upgrade header that are passed over; null: none.</summary>
    public UpgradeMatch? IgnoresUpgrade { get; init; }

    /// <summary>headers_with_underscores_action; requests only.</summary>
    public UnderscoreAction Underscores { get; init; }
}

/// <summary>Whether a member of an Upgrade header is one of some. Any thread.</summary>
public delegate bool UpgradeMatch(ReadOnlySpan<byte> member);

/// <summary>headers_with_underscores_action: what to do with a header name that has an underscore.</summary>
public enum UnderscoreAction : byte { Allow, RejectRequest, DropHeader }
