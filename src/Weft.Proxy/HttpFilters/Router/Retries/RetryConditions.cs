using System.Buffers.Text;
using Weft.Http;
using Weft.Proxy.Clusters.ConnectionPools;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>Which outcomes one request tries again: its route's policy together with its own headers. Pooled with its <see cref="RetryState"/>; worker thread.</summary>
internal sealed class RetryConditions
{
    private readonly List<int> _moreStatusCodes = [];
    private readonly List<HeaderName> _moreHeaders = [];
    private RetryPolicyConfig _policy = RetryPolicyConfig.None;
    private RetryOn _on;

    /// <summary>Something may be tried again.</summary>
    public bool Any => _on != RetryOn.None;

    /// <summary>Takes the policy, and what the request's headers add to it.</summary>
    public void Begin(RetryPolicyConfig policy, HeaderMap request)
    {
        _policy = policy;
        _moreStatusCodes.Clear();
        _moreHeaders.Clear();
        _on = policy.Conditions
            | RetryOnNames.ParseHttp(request.Get(KnownHeader.XEnvoyRetryOn))
            | RetryOnNames.ParseGrpc(request.Get(KnownHeader.XEnvoyRetryGrpcOn));
        if (policy.RetriableRequestHeaders.Length > 0 && !AnyMatches(request))
            _on = RetryOn.None;
        foreach (var text in new CommaList(request.Get(KnownHeader.XEnvoyRetriableStatusCodes)))
        {
            if (Utf8Parser.TryParse(text, out int code, out var used) && used == text.Length)
                _moreStatusCodes.Add(code);
        }

        // Names the proxy's own clients send, seldom: they may allocate.
        foreach (var name in new CommaList(request.Get(KnownHeader.XEnvoyRetriableHeaderNames)))
            _moreHeaders.Add(new HeaderName(System.Text.Encoding.Latin1.GetString(name)));
    }

    public void Clear() => _on = RetryOn.None;

    /// <summary>The response calls for another attempt.</summary>
    public bool Match(HeaderMap response)
    {
        // Rate limiting by a proxy further on is retried only when asked for by name.
        if (response.Has(KnownHeader.XEnvoyRateLimited))
            return Has(RetryOn.RateLimited);
        var status = response.Status;
        return (Has(RetryOn.ServerError) && status is >= 500 and < 600)
            || (Has(RetryOn.GatewayError) && status is 502 or 503 or 504)
            || (Has(RetryOn.Retriable4xx) && status == 409)
            || (Has(RetryOn.RetriableStatusCodes) && IsRetriable(status))
            || (Has(RetryOn.RetriableHeaders) && HasRetriableHeader(response))
            || (Has(RetryOn.AnyGrpc) && Has(GrpcCondition(response)));
    }

    /// <summary>The reset calls for another attempt.</summary>
    /// <param name="reason">What happened.</param>
    /// <param name="requestStarted">Some byte of the request was sent upstream.</param>
    public bool Match(ResetReason reason, bool requestStarted)
    {
        // A full circuit breaker must not get more to do.
        if (reason is ResetReason.Overflow or ResetReason.NoPool)
            return false;
        var isConnectFailure = reason is ResetReason.LocalConnectionFailure or ResetReason.RemoteConnectionFailure or ResetReason.ConnectionTimeout;
        return (isConnectFailure && Has(RetryOn.ConnectFailure))
            || (!requestStarted && Has(RetryOn.ResetBeforeRequest))
            || Has(RetryOn.Reset | RetryOn.ServerError | RetryOn.GatewayError)
            || (reason == ResetReason.RemoteRefusedStream && Has(RetryOn.RefusedStream));
    }

    private bool Has(RetryOn any) => (_on & any) != 0;

    private bool AnyMatches(HeaderMap request)
    {
        foreach (var matcher in _policy.RetriableRequestHeaders)
        {
            if (matcher.IsMatch(request))
                return true;
        }

        return false;
    }

    private bool IsRetriable(int status) => Array.IndexOf(_policy.RetriableStatusCodes, status) >= 0 || _moreStatusCodes.Contains(status);

    private bool HasRetriableHeader(HeaderMap response)
    {
        foreach (var matcher in _policy.RetriableHeaders)
        {
            if (matcher.IsMatch(response))
                return true;
        }

        foreach (var name in _moreHeaders)
        {
            if (response.Has(name))
                return true;
        }

        return false;
    }

    /// <summary>The condition of a grpc-status in the head (a response without a body).</summary>
    private static RetryOn GrpcCondition(HeaderMap response)
    {
        var text = response.Get(KnownHeader.GrpcStatus);
        if (!Utf8Parser.TryParse(text, out int status, out var used) || used != text.Length)
            return RetryOn.None;
        return status switch
        {
            1 => RetryOn.GrpcCancelled,
            4 => RetryOn.GrpcDeadlineExceeded,
            8 => RetryOn.GrpcResourceExhausted,
            13 => RetryOn.GrpcInternal,
            14 => RetryOn.GrpcUnavailable,
            _ => RetryOn.None,
        };
    }
}
