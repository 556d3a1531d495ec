using Weft.Proxy.Streams;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>What the connection manager decides about a request after its header rules.</summary>
/// <param name="Status">0: go on; else the local reply's status.</param>
/// <param name="Details">Response code details of the reply.</param>
/// <param name="IsRedirect">The reply redirects to the (normalised) :path.</param>
public readonly record struct RequestVerdict(int Status, string Details, ResponseFlags Flags, bool IsRedirect)
{
    /// <summary>The details where nobody could say who the client is. Counted in <c>downstream_rq_rejected_via_ip_detection</c>.</summary>
    public const string UnknownClient = "rejecting_because_detection_failed";

    public static readonly RequestVerdict Continue;

    public static readonly RequestVerdict MissingHost = Refuse(400, "missing_host_header");

    public static readonly RequestVerdict InvalidAuthority = Refuse(400, "http.invalid_authority");

    public static readonly RequestVerdict InvalidMethod = Refuse(400, "http.invalid_method");

    public static readonly RequestVerdict InvalidScheme = Refuse(400, "http.invalid_scheme");

    public static readonly RequestVerdict InvalidConnection = Refuse(400, "http1.connection_header_rejected");

    public static readonly RequestVerdict MissingPath = new(404, "missing_path_rejected", ResponseFlags.None, false);

    /// <summary>Counted in <c>downstream_rq_non_relative_path</c>.</summary>
    public static readonly RequestVerdict NotRelativePath = new(404, "absolute_path_rejected", ResponseFlags.None, false);

    /// <summary>Counted in <c>downstream_rq_failed_path_normalization</c>.</summary>
    public static readonly RequestVerdict InvalidPath = new(400, "path_normalization_failed", ResponseFlags.None, false);

    /// <summary>Counted in <c>downstream_rq_redirected_with_normalized_path</c>.</summary>
    public static readonly RequestVerdict NormalizedPath = new(307, "path_normalization_failed", ResponseFlags.None, true);

    public bool IsContinue => Status == 0;

    private static RequestVerdict Refuse(int status, string details) => new(status, details, ResponseFlags.DownstreamProtocolError, false);
}
