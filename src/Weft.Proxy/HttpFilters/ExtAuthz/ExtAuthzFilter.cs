using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>Holds each request until an authorization service has said whether it may go on, with or without its body. Pooled; worker thread.</summary>
internal sealed class ExtAuthzFilter : HttpFilter
{
    private const string MetadataNamespace = "envoy.filters.http.ext_authz";
    private static readonly HeaderName s_failureModeAllowed = new("x-envoy-auth-failure-mode-allowed");

    private readonly ExtAuthzFilterFactory _factory;
    private readonly Worker _worker;
    private readonly IAuthzClient _client;
    private readonly ByteWriter _body = new(0);
    private AuthzVerdict? _verdict;
    private ClusterConfig? _cluster;
    private BodyPart? _collecting;
    private long _bodyBytes;
    private bool _isStarting;
    private bool _isWaiting;
    private bool _isRefused;

    public ExtAuthzFilter(ExtAuthzFilterFactory factory, Worker worker)
    {
        (_factory, _worker) = (factory, worker);
        _client = factory.Config.Http is null ? new GrpcAuthzClient(factory.Config, worker, OnVerdict) : new HttpAuthzClient(factory.Config, worker, OnVerdict);
    }

    private ExtAuthzConfig Config => _factory.Config;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var ofRoute = Stream.RouteConfig(this) as ExtAuthzRouteConfig;
        // Without a route nothing can be reached.
        if (Stream.Route is null || ofRoute is { IsDisabled: true }) return FilterStatus.Continue;
        if (!IsEnabled()) return OnDisabled();
        if (!endStream && !Stream.IsTunnel && ofRoute is not { IgnoresBody: true } && (ofRoute?.Body ?? Config.Body) is { } part)
        {
            _collecting = part;
            if (!part.AllowsPart) Stream.RequestBufferLimitBytes = part.MaxBytes;
            return FilterStatus.StopAndBuffer;
        }

        return Ask(hasBody: false);
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (_collecting is not { } part) return _isWaiting ? FilterStatus.StopAndBuffer : FilterStatus.Continue;
        _bodyBytes += chunk.Bytes.Length;
        var room = part.MaxBytes - _body.Length;
        _body.Write(chunk.Bytes.Length > room ? chunk.Bytes[..room] : chunk.Bytes);
        var isFull = part.AllowsPart && _bodyBytes >= part.MaxBytes;
        // What is too long for the question is too long for the buffer behind this filter too: that gets 413.
        return chunk.EndStream || isFull ? Ask(hasBody: true) : FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
        => _collecting is not null ? Ask(hasBody: true) : _isWaiting ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (_verdict is not { } verdict) return FilterStatus.Continue;
        if (_isRefused)
        {
            foreach (var header in verdict.Set) headers.Remove(header.Name);
            foreach (var header in verdict.Set) headers.Add(header.Name, header.Value);
            return FilterStatus.Continue;
        }

        foreach (var header in verdict.ResponseAdded) headers.Add(header.Name, header.Value);
        foreach (var header in verdict.ResponseSet) headers.Set(header.Name, header.Value);
        foreach (var header in verdict.ResponseAddedIfAbsent)
        {
            if (!headers.Has(header.Name)) headers.Add(header.Name, header.Value);
        }

        foreach (var header in verdict.ResponseSetIfPresent)
        {
            if (headers.Has(header.Name)) headers.Set(header.Name, header.Value);
        }

        return FilterStatus.Continue;
    }

    public override void OnReset()
    {
        _client.Cancel();
        if (_isWaiting && !_isStarting) Stream.ResumeRequest();
        (_isStarting, _isWaiting, _isRefused) = (false, false, false);
        _verdict = null;
        _cluster = null;
        _collecting = null;
        _bodyBytes = 0;
        _body.Clear();
    }

    private bool IsEnabled()
        => (Config.Enabled is not { } share || _factory.Runtime.Current.IsEnabled(share, _worker.Random.Next()))
            && (Config.EnabledMetadata?.IsMatch(Stream.Info.DynamicMetadata) ?? true);

    private FilterStatus OnDisabled()
    {
        _factory.Stats.Disabled.Inc();
        if (Config.Source.DenyAtDisable is not { } flag || !_factory.Runtime.Current.GetBool(flag.RuntimeKey, flag.DefaultValue ?? false)) return FilterStatus.Continue;
        Stream.SendLocalReply(Config.StatusOnError, [], "ext_authz_error", ResponseFlags.UnauthorizedExternalService);
        return FilterStatus.Ended;
    }

    private FilterStatus Ask(bool hasBody)
    {
        _collecting = null;
        var headers = Stream.RequestHeaders;
        _cluster = Stream.Route?.Forward?.SelectCluster(new RouteRequest(headers, Stream.Info, _factory.Runtime.Current)) is { } reference ? _worker.Clusters.Find(reference)?.Config : null;
        // What is answered at once is not waited for.
        (_isStarting, _isWaiting) = (true, true);
        _client.Start(new AuthzQuestion(Stream, headers, _body.Written) { IsPartialBody = hasBody ? _bodyBytes > _body.Length : null, Context = ContextOfRoute() });
        _isStarting = false;
        if (_isRefused) return FilterStatus.Ended;
        if (!_isWaiting) return FilterStatus.Continue;
        Stream.PauseRequest();
        return FilterStatus.StopAndBuffer;
    }

    /// <summary>The most specific of each key.</summary>
    private Dictionary<string, string>? ContextOfRoute()
    {
        Dictionary<string, string>? merged = null;
        foreach (var config in Stream.RouteConfigs(this))
        {
            if (config is not ExtAuthzRouteConfig { Context.Count: > 0 } ofRoute) continue;
            merged ??= new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (key, value) in ofRoute.Context) merged.TryAdd(key, value);
        }

        return merged;
    }

    private void OnVerdict(AuthzVerdict verdict)
    {
        _isWaiting = false;
        if (!_isStarting) Stream.ResumeRequest();
        _body.Clear();
        if (verdict.IsInvalid && Config.Source.ValidateMutations)
        {
            _factory.Stats.Invalid.Inc();
            Count(AuthzCounter.Invalid);
            Refuse(500, [], "ext_authz_invalid");
            return;
        }

        KeepMetadata(verdict);
        switch (verdict.Status)
        {
            case AuthzStatus.Ok:
                _verdict = verdict;
                GoOn(verdict);
                break;
            case AuthzStatus.Denied:
                _verdict = verdict;
                Deny(verdict);
                break;
            default:
                OnError();
                break;
        }
    }

    private void KeepMetadata(AuthzVerdict verdict)
    {
        if (verdict.Metadata is not { Fields.Count: > 0 } metadata) return;
        if (Config.Source.EnableDynamicMetadataIngestion ?? true) Stream.Info.DynamicMetadata.Replace(MetadataNamespace, metadata);
        else _factory.Stats.IgnoredDynamicMetadata.Inc();
    }

    private void GoOn(AuthzVerdict verdict)
    {
        RequestChanges.Apply(verdict, Stream.RequestHeaders);
        if (Config.Source.ClearRouteCache && verdict.ChangesRequest) Stream.ClearRouteCache();
        _factory.Stats.Ok.Inc();
        Count(AuthzCounter.Ok);
        if (!_isStarting) Stream.ContinueRequest(this);
    }

    private void Deny(AuthzVerdict verdict)
    {
        _factory.Stats.Denied.Inc();
        Count(AuthzCounter.Denied);
        if (Config.Source.ChargeClusterResponseStats ?? true) _cluster?.Stats.ChargeResponse(verdict.ResponseStatus, -1, isInternal: true, isCanary: false);
        Refuse(verdict.ResponseStatus, verdict.Body, "ext_authz_denied");
    }

    private void OnError()
    {
        _factory.Stats.Error.Inc();
        Count(AuthzCounter.Error);
        if (!Config.Source.FailureModeAllow)
        {
            Refuse(Config.StatusOnError, [], "ext_authz_error");
            return;
        }

        _factory.Stats.FailureModeAllowed.Inc();
        Count(AuthzCounter.FailureModeAllowed);
        if (Config.Source.FailureModeAllowHeaderAdd) Stream.RequestHeaders.Set(s_failureModeAllowed, "true"u8);
        if (!_isStarting) Stream.ContinueRequest(this);
    }

    private void Refuse(int status, ReadOnlySpan<byte> body, string details)
    {
        _isRefused = true;
        Stream.SendLocalReply(status, body, details, ResponseFlags.UnauthorizedExternalService);
    }

    private void Count(AuthzCounter counter)
    {
        if (_cluster is { } cluster) _factory.Counters.Inc(cluster, (int)counter);
    }
}
