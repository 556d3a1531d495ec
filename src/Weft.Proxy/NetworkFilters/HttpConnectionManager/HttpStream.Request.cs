using System.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.XdsClient.OnDemand;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <content>The request's way: checks and rules of the connection manager, then the filters.</content>
internal sealed partial class HttpStream
{
    private static readonly HeaderName s_localOverloaded = new("x-envoy-local-overloaded");

    private Route? _route;
    private bool _routeKnown;
    private bool _isUpgraded;
    private bool _skippingChanged;
    private bool _endsWithHead;

    /// <summary>Its place among <see cref="DeferredRequests"/>; -1: it does not wait.</summary>
    internal int DeferredAt { get; set; } = -1;

    /// <summary>The body is an opaque stream both ways (an upgrade, or CONNECT).</summary>
    public bool IsTunnel { get; private set; }

    public Route? Route
    {
        get
        {
            if (!_routeKnown)
            {
                _routeKnown = true;
                var table = Config.RouteSource.For(RequestHeaders);
                Info.Route = _route = table?.Match(new RouteRequest(RequestHeaders, Info, Config.Runtime.Current));
                if (_route is null)
                    Info.HostWithoutRoute = table?.HostOf(RequestHeaders);
                Trace?.OnRoute(RequestHeaders, Info, _route);
            }

            return _route;
        }
    }

    /// <summary>
    /// A request that is answered, or logged, before the router has it is known by the cluster of its route all the same: in logs, traces and local replies,
    /// as in Envoy.
    /// </summary>
    private void NoteCluster()
    {
        if (Info.UpstreamCluster is null && _routeKnown && _route?.Forward?.SelectCluster(new RouteRequest(RequestHeaders, Info, Config.Runtime.Current)) is { } reference)
            Info.UpstreamCluster = Worker.Clusters.Find(reference)?.Config;
    }

    public void ClearRouteCache() => _routeKnown = false;

    bool IHttpStream.RequestRoutes(OnDemandWait wait) => Config.RouteSource.Request(RequestHeaders, wait);

    void IHttpStream.RenewRoute()
    {
        ClearRouteCache();
        _timers.OnRoute(Route);
        if (Route?.Filters is { ChangesSkipping: true } routeFilters)
            ChangeSkipping(routeFilters);
    }

    public FilterRouteConfig? RouteConfig(HttpFilter filter) => filter.IsInner ? null : Route?.Filters?.MostSpecific(filter.Index);

    public ReadOnlySpan<FilterRouteConfig> RouteConfigs(HttpFilter filter) => Route?.Filters is { } filters && !filter.IsInner ? filters.All(filter.Index) : [];

    internal void OnRequestHeaders(bool endStream)
    {
        _timers.OnHeadersComplete();
        Info.Protocol = _encoder.Protocol;
        Info.HeaderBytesReceived = RequestHeaders.ByteSize;
        _manager.OnRequestHead(RequestHeaders);
        IsHeadRequest = RequestHeaders.Get(KnownHeader.Method).SequenceEqual("HEAD"u8);
        if (endStream)
            OnRequestComplete();
        if (!CheckOverload() || !CheckExpect() || !ApplyRules() || !CheckUpgrade())
            return;
        _timers.OnRoute(Route);
        Trace?.Begin(RequestHeaders, Info, Route);
        if (Config.AccessLogTimes.OnBegin)
            WriteInterimLogs(AccessLogType.DownstreamStart);
        if (Route?.Filters is { ChangesSkipping: true } routeFilters)
            ChangeSkipping(routeFilters);
        if (_manager.Deferred is { } deferred && deferred.TryDefer(this))
            Defer(endStream);
        else
            _filters.Request.Head(RequestHeaders, endStream);
    }

    internal void OnRequestData(ReadOnlySpan<byte> data, bool endStream)
    {
        Info.BytesReceived += data.Length;
        if (endStream)
            OnRequestComplete();
        if (!IsOver(isRequest: true))
        {
            _timers.Touch();
            _filters.Request.Data(data, endStream);
        }

        FinishIfDone();
    }

    internal void OnRequestTrailers(HeaderMap trailers)
    {
        OnRequestComplete();
        if (!IsOver(isRequest: true))
            _filters.Request.Trailers(trailers);
        FinishIfDone();
    }

    /// <summary>The filters see the request in a later turn; its body waits in the codec.</summary>
    private void Defer(bool endStream)
    {
        _endsWithHead = endStream;
        _encoder.PauseRequest();
    }

    internal void Proceed()
    {
        DeferredAt = -1;
        // What has come meanwhile follows at the end of this turn.
        _encoder.ResumeRequest();
        // It may have been answered already, for want of time.
        if (!IsOver(isRequest: true))
            _filters.Request.Head(RequestHeaders, _endsWithHead);
        FinishIfDone();
    }

    /// <summary>It is over while it waits.</summary>
    private void EndDeferral()
    {
        if (DeferredAt < 0)
            return;
        _manager.Deferred!.Remove(this);
        _encoder.ResumeRequest();
    }

    /// <summary>HTTP/2 metadata beside the message: filters do not see it, the last one forwards it.</summary>
    internal void OnRequestMetadata(ReadOnlySpan<byte> block)
    {
        if (!IsOver(isRequest: true))
            _filters.Last.OnRequestMetadata(block);
    }

    /// <summary>The client broke the protocol: answers if it still can.</summary>
    internal void OnProtocolError(CodecError error)
    {
        MustClose = true;
        Info.Protocol ??= _encoder.Protocol;
        if (_finished)
            return;
        if (_responseStarted)
        {
            ResetStream(error.Details, ResponseFlags.DownstreamProtocolError);
            return;
        }

        SendLocalReply(error.Status, [], error.Details, ResponseFlags.DownstreamProtocolError);
    }

    void IHttpStream.ContinueRequest(HttpFilter filter)
    {
        _filters.Request.Continue(filter);
        FinishIfDone();
    }

    void IHttpStream.InjectRequestData(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream)
    {
        _filters.Request.Inject(filter, data, endStream);
        FinishIfDone();
    }

    void IHttpStream.PauseRequest() => _encoder.PauseRequest();

    void IHttpStream.ResumeRequest() => _encoder.ResumeRequest();

    /// <summary>The first route that is found decides which filters the request passes; another one found later does not.</summary>
    private void ChangeSkipping(RouteFilters routeFilters)
    {
        _skippingChanged = true;
        foreach (var filter in _filters.All)
            filter.IsSkipped = routeFilters.IsDisabled(filter.Index);
    }

    private void RestoreSkipping()
    {
        _skippingChanged = false;
        foreach (var filter in _filters.All)
            filter.IsSkipped = Config.AllFilters[filter.Index].IsDisabled;
    }

    private void OnRequestComplete()
    {
        _requestComplete = true;
        Info.LastDownstreamRxByteUs = Worker.Loop.NowUs;
        _timers.OnRequestComplete();
    }

    /// <summary>Under overload a request costs as little as can be: no filter sees it.</summary>
    private bool CheckOverload()
    {
        if (!Config.Overload.DecodeHeaders.Sheds(Worker.Random) && !Config.Overload.StopAcceptingRequests.IsDrawn(Worker.Random))
            return true;
        Config.Stats.DownstreamRqOverloadClose.Inc();
        if (Config.AppendsLocalOverload)
            LocalReplyHeaders.Set(s_localOverloaded, "true"u8);
        SendLocalReply(503, "envoy overloaded"u8, "overload");
        return false;
    }

    /// <summary>Answers <c>Expect: 100-continue</c> here; any other expectation cannot be met (RFC 9110 section 10.1.1).</summary>
    private bool CheckExpect()
    {
        if (!RequestHeaders.Has(KnownHeader.Expect))
            return true;
        if (Ascii.EqualsIgnoreCase(RequestHeaders.Get(KnownHeader.Expect), "100-continue"u8))
        {
            if (Config.Proxy100Continue)
                return true;
            RequestHeaders.Remove(KnownHeader.Expect);
            LocalReplyHeaders.Set(KnownHeader.Status, "100"u8);
            ChargeResponse(100);
            _encoder.EncodeInformational(LocalReplyHeaders);
            LocalReplyHeaders.Clear();
            return true;
        }

        SendLocalReply(417, [], "expectation_failed");
        return false;
    }

    private bool ApplyRules()
    {
        var verdict = Config.RequestRules.Apply(RequestHeaders, Info, Worker.Random, tls: Info.DownstreamTls is not null);
        if (verdict.IsContinue)
            return true;
        CountVerdict(verdict);
        if (verdict.IsRedirect)
            LocalReplyHeaders.Set(KnownHeader.Location, RequestHeaders.Get(KnownHeader.Path));
        SendLocalReply(verdict.Status, [], verdict.Details, verdict.Flags);
        return false;
    }

    private void CountVerdict(RequestVerdict verdict)
    {
        if (verdict.IsRedirect)
            Config.Stats.DownstreamRqRedirectedWithNormalizedPath.Inc();
        else if (verdict == RequestVerdict.InvalidPath)
            Config.Stats.DownstreamRqFailedPathNormalization.Inc();
        else if (verdict == RequestVerdict.NotRelativePath)
            Config.Stats.DownstreamRqNonRelativePath.Inc();
        else if (verdict.Details == RequestVerdict.UnknownClient)
            Config.Stats.DownstreamRqRejectedViaIpDetection.Inc();
    }

    /// <summary>An upgrade, which CONNECT is one of, must be enabled here or by its route (403), and have a route (404); then it makes a tunnel of the stream.</summary>
    private bool CheckUpgrade()
    {
        var upgrade = RequestHeaders.Get(KnownHeader.Upgrade);
        if (upgrade.IsEmpty && TunnelAnswer.IsConnect(RequestHeaders))
            upgrade = "CONNECT"u8;
        if (upgrade.IsEmpty || Route is null)
            return true;
        if (!Config.Upgrades.IsEnabled(upgrade, Route, out var filters))
        {
            // The client may send its payload all the same, and it must not be taken for requests.
            MustClose = true;
            Config.Stats.DownstreamRqWsOnNonWsRoute.Inc();
            SendLocalReply(403, [], "upgrade_failed");
            return false;
        }

        if (filters.End.Value > filters.Start.Value)
            UseFilters(filters);
        IsTunnel = _isUpgraded = true;
        Config.Stats.DownstreamCxUpgradesTotal.Inc();
        Config.Stats.DownstreamCxUpgradesActive.Inc();
        _encoder.SwitchToTunnel();
        return true;
    }
}
