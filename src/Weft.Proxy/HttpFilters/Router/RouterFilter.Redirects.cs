using Weft.Http;
using Weft.Proxy.HttpFilters.Router.InternalRedirects;

namespace Weft.Proxy.HttpFilters.Router;

/// <content>Redirects of upstreams that the proxy follows itself.</content>
internal sealed partial class RouterFilter
{
    private InternalRedirect? _internalRedirect;

    /// <summary>The whole request is still there, or there never was more than its head.</summary>
    private bool HasWholeRequest => IsRequestComplete && (_headersOnly || Body.IsKept);

    /// <summary>Starts the request over at the target of a redirect; false when the client is to have the redirect.</summary>
    private bool FollowRedirect(UpstreamRequest attempt, HeaderMap response, int status)
    {
        if (_forward!.Policies.InternalRedirects is not { } policy || !policy.Follows(status))
            return false;
        _internalRedirect ??= new InternalRedirect(_config.Stats);
        if (_responseStarted || !HasWholeRequest || !response.Has(KnownHeader.Location) || !_internalRedirect.TryApply(policy, Stream, response))
        {
            ClusterStats.UpstreamInternalRedirectFailedTotal.Inc();
            return false;
        }

        ClusterStats.UpstreamInternalRedirectSucceededTotal.Inc();
        OnAttemptEnds(attempt, AttemptOutcome.Success);
        CancelOthers(final: null);
        if (status == 303)
            BecomeGet();
        Stream.Restart(Body.Bytes, Body.Trailers);
        return true;
    }

    /// <summary>What "see other" means for anything but HEAD (RFC 9110 section 15.4.4).</summary>
    private void BecomeGet()
    {
        var headers = Stream.RequestHeaders;
        var method = headers.Get(KnownHeader.Method);
        if (method.SequenceEqual("GET"u8) || method.SequenceEqual("HEAD"u8))
            return;
        headers.Set(KnownHeader.Method, "GET"u8);
        headers.Remove(KnownHeader.ContentLength);
        Body.Reset();
    }
}
