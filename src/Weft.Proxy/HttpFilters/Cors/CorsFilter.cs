using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Cors;

/// <summary>
/// Answers preflights and tells browsers which origins may read a response, by the policies of the route (Fetch standard, section 3.2).
/// Pooled; worker thread.
/// </summary>
internal sealed class CorsFilter(CorsFilterFactory factory, Worker worker) : HttpFilter
{
    private static readonly HeaderName s_requestPrivateNetwork = new("access-control-request-private-network");
    private static readonly HeaderName s_allowPrivateNetwork = new("access-control-allow-private-network");

    private readonly ByteWriter _origin = new(64);
    private bool _isCorsRequest;
    private bool _allowsCredentials;
    private byte[] _exposeHeaders = [];

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        // Redirects and direct responses have no policy.
        if (Stream.Route?.Forward is not { } forward)
            return FilterStatus.Continue;
        var policies = new Policies(Stream.RouteConfigs(this), forward.CorsPolicies);
        if (policies.Count == 0)
            return FilterStatus.Continue;
        var (enabled, shadow) = Draw(policies.MostSpecific);
        var origin = headers.Get(KnownHeader.Origin);
        if ((!enabled && !shadow) || origin.IsEmpty)
            return FilterStatus.Continue;
        var isAllowed = policies.AllowsOrigin(origin);
        (isAllowed ? factory.OriginValid : factory.OriginInvalid).Inc();
        if (!enabled)
            return FilterStatus.Continue;
        if (isAllowed)
            _origin.Write(origin);
        _isCorsRequest = true;
        _allowsCredentials = policies.AllowsCredentials;
        _exposeHeaders = policies.ExposeHeaders;
        return IsPreflight(headers) && (isAllowed || !policies.ForwardsNotMatchingPreflights) ? AnswerPreflight(headers, policies) : FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (!_isCorsRequest || _origin.Length == 0)
            return FilterStatus.Continue;
        headers.Set(KnownHeader.AccessControlAllowOrigin, _origin.Written);
        if (_allowsCredentials)
            headers.Set(KnownHeader.AccessControlAllowCredentials, "true"u8);
        if (_exposeHeaders.Length > 0)
            headers.Set(KnownHeader.AccessControlExposeHeaders, _exposeHeaders);
        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _origin.Clear();
        _isCorsRequest = _allowsCredentials = false;
        _exposeHeaders = [];
    }

    private static bool IsPreflight(HeaderMap headers)
        => headers.Get(KnownHeader.Method).SequenceEqual("OPTIONS"u8) && !headers.Get(KnownHeader.AccessControlRequestMethod).IsEmpty;

    private (bool Enabled, bool Shadow) Draw(CorsPolicyConfig policy)
    {
        var runtime = factory.Runtime.Current;
        return (runtime.IsEnabled(policy.Enabled, worker.Random.Next()), policy.Shadow is { } shadow && runtime.IsEnabled(shadow, worker.Random.Next()));
    }

    private FilterStatus AnswerPreflight(HeaderMap request, in Policies policies)
    {
        var reply = Stream.LocalReplyHeaders;
        if (_origin.Length > 0)
            reply.Set(KnownHeader.AccessControlAllowOrigin, _origin.Written);
        if (_allowsCredentials)
            reply.Set(KnownHeader.AccessControlAllowCredentials, "true"u8);
        SetAllowed(reply, KnownHeader.AccessControlAllowMethods, policies.AllowMethods, request.Get(KnownHeader.AccessControlRequestMethod));
        SetAllowed(reply, KnownHeader.AccessControlAllowHeaders, policies.AllowHeaders, request.Get(KnownHeader.AccessControlRequestHeaders));
        if (policies.MaxAge is { Length: > 0 } maxAge)
            reply.Set(KnownHeader.AccessControlMaxAge, maxAge);
        if (policies.AllowsPrivateNetworkAccess && request.Get(s_requestPrivateNetwork).SequenceEqual("true"u8))
            reply.Set(s_allowPrivateNetwork, "true"u8);
        Stream.SendLocalReply(200, [], "cors_response");
        return FilterStatus.Ended;
    }

    /// <param name="asked">What the preflight asks for, all of which <c>*</c> allows.</param>
    private static void SetAllowed(HeaderMap reply, KnownHeader name, byte[] allowed, ReadOnlySpan<byte> asked)
    {
        if (allowed.Length > 0)
            reply.Set(name, allowed is [(byte)'*'] ? asked : allowed);
    }

    /// <summary>The policies of a request, the most specific first: each says what the ones before it leave open.</summary>
    private readonly ref struct Policies(ReadOnlySpan<FilterRouteConfig> ofFilter, CorsPolicyConfig[] ofRoute)
    {
        private readonly ReadOnlySpan<FilterRouteConfig> _ofFilter = ofFilter;

        // The deprecated fields count only where the filter has no configuration of its own.
        public int Count => _ofFilter.Length > 0 ? _ofFilter.Length : ofRoute.Length;

        public CorsPolicyConfig MostSpecific => At(0);

        public bool AllowsCredentials => First(static policy => policy.AllowCredentials) ?? false;

        public bool AllowsPrivateNetworkAccess => First(static policy => policy.AllowPrivateNetworkAccess) ?? false;

        public bool ForwardsNotMatchingPreflights => First(static policy => policy.ForwardNotMatchingPreflights) ?? true;

        public byte[] AllowMethods => FirstText(static policy => policy.AllowMethods);

        public byte[] AllowHeaders => FirstText(static policy => policy.AllowHeaders);

        public byte[] ExposeHeaders => FirstText(static policy => policy.ExposeHeaders);

        public byte[] MaxAge => FirstText(static policy => policy.MaxAge);

        public bool AllowsOrigin(ReadOnlySpan<byte> origin)
        {
            for (var i = 0; i < Count; i++)
            {
                if (At(i).AllowOrigins is not { Length: > 0 } allowed) continue;
                foreach (var matcher in allowed)
                {
                    if (matcher.IsMatch("*"u8) || matcher.IsMatch(origin)) return true;
                }

                return false;
            }

            return false;
        }

        private CorsPolicyConfig At(int index) => _ofFilter.Length > 0 ? (CorsPolicyConfig)_ofFilter[index] : ofRoute[index];

        private bool? First(Func<CorsPolicyConfig, bool?> read)
        {
            for (var i = 0; i < Count; i++)
            {
                if (read(At(i)) is { } value) return value;
            }

            return null;
        }

        private byte[] FirstText(Func<CorsPolicyConfig, byte[]> read)
        {
            for (var i = 0; i < Count; i++)
            {
                if (read(At(i)) is { Length: > 0 } text) return text;
            }

            return [];
        }
    }
}
