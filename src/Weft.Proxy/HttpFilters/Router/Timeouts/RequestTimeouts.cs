using System.Buffers.Text;
using Weft.Http;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.Router.Timeouts;

/// <summary>The time limits of one request, from its route and its own headers (Envoy: router, x-envoy-upstream-rq-timeout-ms). 0: none.</summary>
internal struct RequestTimeouts
{
    /// <summary>From the end of the request to the end of the response, all attempts together.</summary>
    public long GlobalMs { get; private set; }

    /// <summary>Of one attempt, until its response's head.</summary>
    public long PerTryMs { get; private set; }

    /// <summary>Of one attempt without any byte of its response.</summary>
    public long PerTryIdleMs { get; private set; }

    /// <summary>x-envoy-upstream-stream-duration-ms: of one attempt, until its response's end; null: what the cluster says.</summary>
    public long? StreamDurationMs { get; private set; }

    /// <summary>An attempt beyond its time goes on beside a second one.</summary>
    public bool Hedges { get; private set; }

    /// <summary>The status of the answer at a time-out: 504, or 204 with x-envoy-upstream-rq-timeout-alt-response.</summary>
    public int Status { get; private set; }

    private bool _writesGrpcTimeout;

    /// <summary>Takes the client's timeout headers off the request and tells the upstream what to expect.</summary>
    public static RequestTimeouts Take(HeaderMap headers, ForwardAction forward, RouterFilterFactory config)
    {
        var policy = forward.Policies.Timeouts;
        var retry = forward.Policies.Retry;
        var grpcLimitMs = policy.MaxGrpcMs is { } maxGrpcMs && GrpcRequest.Is(headers) ? GrpcLimitMs(headers, maxGrpcMs, policy.GrpcOffsetMs) : (long?)null;
        var timeouts = new RequestTimeouts
        {
            GlobalMs = grpcLimitMs ?? policy.GlobalMs,
            PerTryMs = retry.PerTryTimeoutMs,
            PerTryIdleMs = retry.PerTryIdleTimeoutMs,
            Hedges = TakeFlag(headers, KnownHeader.XEnvoyHedgeOnPerTryTimeout) ?? policy.HedgesOnPerTryTimeout,
            Status = headers.Remove(KnownHeader.XEnvoyUpstreamRqTimeoutAltResponse) ? 204 : 504,
            _writesGrpcTimeout = grpcLimitMs is not null,
        };
        timeouts.TakeHeaders(headers, config.RespectExpectedTimeout);
        if (timeouts.GlobalMs > 0 && timeouts.PerTryMs >= timeouts.GlobalMs)
            timeouts.PerTryMs = 0;
        timeouts.WriteExpected(headers, 0, config);
        return timeouts;
    }

    /// <summary>Tells the upstream of an attempt how much time it has.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="elapsedMs">Since the end of the request.</param>
    /// <param name="config">Says whether to.</param>
    public readonly void WriteExpected(HeaderMap headers, long elapsedMs, RouterFilterFactory config)
    {
        // A hedged attempt goes on until the end.
        var expectedMs = PerTryMs == 0 || Hedges ? GlobalMs : PerTryMs;
        if (expectedMs == 0)
            return;
        // Out of time: 0 would mean no limit.
        if (GlobalMs > 0)
            expectedMs = Math.Max(Math.Min(expectedMs, GlobalMs - elapsedMs), 1);
        if (!config.SuppressEnvoyHeaders)
            headers.Set(KnownHeader.XEnvoyExpectedRqTimeoutMs, expectedMs);
        if (_writesGrpcTimeout)
            GrpcTimeout.Write(headers, expectedMs);
    }

    private void TakeHeaders(HeaderMap headers, bool respectExpected)
    {
        if (respectExpected && headers.Has(KnownHeader.XEnvoyExpectedRqTimeoutMs))
            GlobalMs = Read(headers, KnownHeader.XEnvoyExpectedRqTimeoutMs) ?? GlobalMs;
        else
            GlobalMs = Read(headers, KnownHeader.XEnvoyUpstreamRqTimeoutMs) ?? GlobalMs;
        headers.Remove(KnownHeader.XEnvoyUpstreamRqTimeoutMs);
        PerTryMs = Read(headers, KnownHeader.XEnvoyUpstreamRqPerTryTimeoutMs) ?? PerTryMs;
        headers.Remove(KnownHeader.XEnvoyUpstreamRqPerTryTimeoutMs);
        StreamDurationMs = Read(headers, KnownHeader.XEnvoyUpstreamStreamDurationMs);
        headers.Remove(KnownHeader.XEnvoyUpstreamStreamDurationMs);
    }

    /// <summary>The older way to heed grpc-timeout. 0 stands for no limit, so the offset must not reach it.</summary>
    private static long GrpcLimitMs(HeaderMap headers, long maxMs, long offsetMs)
    {
        var limitMs = GrpcTimeout.ReadMs(headers) ?? 0;
        if (offsetMs < limitMs)
            limitMs -= offsetMs;
        return maxMs > 0 && (limitMs == 0 || limitMs > maxMs) ? maxMs : limitMs;
    }

    private static bool? TakeFlag(HeaderMap headers, KnownHeader name)
    {
        var value = headers.Get(name);
        bool? flag = value.SequenceEqual("true"u8) ? true : value.SequenceEqual("false"u8) ? false : null;
        headers.Remove(name);
        return flag;
    }

    private static long? Read(HeaderMap headers, KnownHeader name)
    {
        var text = headers.Get(name);
        return Utf8Parser.TryParse(text, out long valueMs, out var used) && used == text.Length && valueMs >= 0 ? valueMs : null;
    }
}
