using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters;

namespace Weft.Proxy.Tracing;

/// <summary>
/// The tracing of one attempt at an upstream: with spawn_upstream_span a span of its own, else the request's. Pooled with the attempt;
/// worker thread.
/// </summary>
internal sealed class AttemptTrace
{
    private readonly Span _span = new();
    private bool _hasSpan;
    private int _retries;

    /// <summary>The attempt is about to begin: tells the upstream of the trace.</summary>
    /// <param name="stream">Of the request.</param>
    /// <param name="trace">Of the request.</param>
    /// <param name="cluster">Where it goes.</param>
    /// <param name="upstream">And to whom there.</param>
    /// <param name="spawns">The router wants a span for each attempt.</param>
    public void Begin(IHttpStream stream, HttpTrace trace, ClusterConfig cluster, Endpoint? upstream, bool spawns)
    {
        _hasSpan = trace.TryStartUpstream(_span, spawns);
        if (!_hasSpan)
        {
            trace.Inject(stream.RequestHeaders, upstream);
            return;
        }

        _retries = stream.Info.AttemptCount - 1;
        _span.StartTime = stream.Worker.Loop.UtcNow;
        _span.StartUs = stream.Worker.Loop.NowUs;
        if (_span.IsSampled)
            Name(cluster);
        trace.Inject(_span, stream.RequestHeaders, upstream);
    }

    /// <summary>The attempt is over.</summary>
    /// <param name="stream">Of the request.</param>
    /// <param name="endpoint">Whom it asked.</param>
    /// <param name="response">The head of its response; null: it had none.</param>
    /// <param name="failure">Why it failed; null: it did not.</param>
    /// <param name="isCanceled">The router gave it up.</param>
    public void End(IHttpStream stream, Endpoint? endpoint, HeaderMap? response, ResetReason? failure, bool isCanceled)
    {
        if (!_hasSpan)
            return;
        _hasSpan = false;
        if (!_span.IsSampled || stream.Trace is not { } trace)
            return;
        var tags = trace.BeginTags();
        if (_retries > 0)
            tags.Set("retry.count"u8, _retries);
        var context = new FormatContext(stream.Info, stream.RequestHeaders, response);
        if ((stream.Info.Route?.Tracing?.UpstreamFormat ?? trace.Config.UpstreamOperation) is { } operation)
            _span.SetName(operation, context);
        HttpSpanTags.WriteUpstream(tags, context, endpoint, response?.Status ?? 0, trace.Config);
        if (isCanceled)
            tags.Set("canceled"u8, "true"u8);
        if (failure is { } reason)
        {
            tags.Set("error"u8, "true"u8);
            tags.Set("error.reason"u8, TextOf(reason));
        }

        trace.Report(_span, stream.Worker.Loop.NowUs);
    }

    private void Name(ClusterConfig cluster)
    {
        _span.SetName("router "u8);
        _span.Name.Write(cluster.StatName);
        _span.Name.Write(" egress"u8);
    }

    private static ReadOnlySpan<byte> TextOf(ResetReason reason) => reason switch
    {
        ResetReason.Overflow => "overflow"u8,
        ResetReason.RemoteConnectionFailure => "remote connection failure"u8,
        ResetReason.LocalConnectionFailure => "local connection failure"u8,
        ResetReason.ConnectionTimeout => "connection timeout"u8,
        ResetReason.ConnectionTermination => "connection termination"u8,
        ResetReason.ProtocolError => "protocol error"u8,
        ResetReason.RemoteReset => "remote reset"u8,
        ResetReason.RemoteRefusedStream => "remote refused stream reset"u8,
        _ => "local reset"u8,
    };
}
