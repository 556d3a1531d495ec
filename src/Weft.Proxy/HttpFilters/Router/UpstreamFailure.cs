using System.Text;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>What the client gets for each way in which an upstream attempt can fail: the one table of status, flag, text and details.</summary>
internal static class UpstreamFailure
{
    /// <summary>502 for an answer that is not HTTP, else 503.</summary>
    public static int StatusOf(ResetReason reason) => reason == ResetReason.ProtocolError ? 502 : 503;

    public static ResponseFlags FlagsOf(ResetReason reason) => reason switch
    {
        ResetReason.Overflow => ResponseFlags.UpstreamOverflow,
        ResetReason.NoPool => ResponseFlags.NoHealthyUpstream,
        ResetReason.RemoteConnectionFailure or ResetReason.LocalConnectionFailure or ResetReason.ConnectionTimeout => ResponseFlags.UpstreamConnectionFailure,
        ResetReason.ConnectionTermination => ResponseFlags.UpstreamConnectionTermination,
        ResetReason.ProtocolError => ResponseFlags.UpstreamProtocolError,
        ResetReason.LocalReset => ResponseFlags.LocalReset,
        _ => ResponseFlags.UpstreamRemoteReset,
    };

    /// <summary>Envoy's words for a reason.</summary>
    public static string TextOf(ResetReason reason) => reason switch
    {
        ResetReason.Overflow => "overflow",
        ResetReason.NoPool => "no healthy upstream",
        ResetReason.RemoteConnectionFailure => "remote connection failure",
        ResetReason.LocalConnectionFailure => "local connection failure",
        ResetReason.ConnectionTimeout => "connection timeout",
        ResetReason.ConnectionTermination => "connection termination",
        ResetReason.ProtocolError => "protocol error",
        ResetReason.RemoteRefusedStream => "remote refused stream reset",
        ResetReason.LocalReset => "local reset",
        _ => "remote reset",
    };

    /// <summary>The body of the local reply. Failures may allocate: they are not the steady state.</summary>
    public static byte[] BodyOf(ResetReason reason, string? transportFailure, bool isRetry) => Encoding.UTF8.GetBytes(reason == ResetReason.NoPool
        ? TextOf(reason)
        : $"upstream connect error or disconnect/reset before headers. {(isRetry ? "retried and the latest " : "")}reset reason: {TextOf(reason)}"
        + (transportFailure is null ? "" : $", transport failure reason: {transportFailure}"));

    /// <summary>Response code details; no spaces, because they stand in log lines.</summary>
    public static string DetailsOf(ResetReason reason, string? transportFailure, bool responseStarted) => reason == ResetReason.NoPool
        ? "no_healthy_upstream"
        : ((responseStarted ? "upstream_reset_after_response_started{" : "upstream_reset_before_response_started{")
            + TextOf(reason) + (transportFailure is null ? "}" : $"|{transportFailure}}}")).Replace(' ', '_');
}
