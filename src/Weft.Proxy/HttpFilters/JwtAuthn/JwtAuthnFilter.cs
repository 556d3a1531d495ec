using System.Text;
using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.HttpFilters.JwtAuthn.Keys;
using Weft.Proxy.HttpFilters.JwtAuthn.Requirements;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>
/// Lets a request pass when its JSON Web Tokens are what its path or route requires; otherwise answers 401, or 403 when the token is for
/// somebody else. A request waits, without its body, while keys are fetched. Pooled; worker thread. Allocates for requests that bring tokens.
/// </summary>
internal sealed class JwtAuthnFilter(JwtAuthnFilterFactory factory, Worker worker) : HttpFilter, IKeyWaiter
{
    private const int MaxRealmBytes = 256;
    private const string Namespace = "envoy.filters.http.jwt_authn";

    private static readonly HeaderName s_authenticate = new("www-authenticate");

    private readonly JwtAuthnConfig _config = factory.Config;
    private JwtVerification? _verification;
    private JwtRequirement? _requirement;
    private KeyFetcher? _fetcher;
    private bool _requestPaused;

    /// <summary>For what the next verdict says of the request; empty till then, and kept while there is nothing to say.</summary>
    private Struct _metadata = new();

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (_config.BypassesCorsPreflight && IsPreflight(headers))
        {
            _config.Stats.CorsPreflightBypassed.Inc();
            _config.Stats.Allowed.Inc();
            return FilterStatus.Continue;
        }

        if (!TryFindRequirement(headers, out var requirement))
            return FilterStatus.Ended;
        if (requirement is null)
        {
            _config.Stats.Allowed.Inc();
            return FilterStatus.Continue;
        }

        _requirement = requirement;
        _verification = new JwtVerification(_config, worker, headers);
        if (_verification.Run(requirement) is { } status)
            return Conclude(status) ? FilterStatus.Continue : FilterStatus.Ended;
        WaitForKeys();
        if (!endStream)
        {
            // The body waits where it is, not in memory.
            _requestPaused = true;
            Stream.PauseRequest();
        }

        return FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _fetcher is null ? FilterStatus.Continue : FilterStatus.StopAndBuffer;

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _fetcher is null ? FilterStatus.Continue : FilterStatus.StopAndBuffer;

    public override void OnReset()
    {
        _fetcher?.Forget(this);
        ResumeRequest();
        (_fetcher, _verification, _requirement) = (null, null, null);
    }

    void IKeyWaiter.OnKeys(bool isFetched)
    {
        _fetcher = null;
        if (!isFetched)
            _verification!.GiveUp(_verification.WaitsFor!);
        if (_verification!.Run(_requirement!) is not { } status)
        {
            WaitForKeys(); // Another provider's.
            return;
        }

        if (!Conclude(status))
            return;
        ResumeRequest();
        Stream.ContinueRequest(this);
    }

    /// <summary>False: the route names a requirement that does not exist, and the request has been answered.</summary>
    private bool TryFindRequirement(HeaderMap headers, out JwtRequirement? requirement)
    {
        requirement = null;
        if (Stream.RouteConfig(this) is not JwtAuthnRouteConfig route)
        {
            requirement = _config.RequirementOf(new RouteRequest(headers, Stream.Info, factory.Runtime.Current));
            return true;
        }

        if (route.Requirement is null || (requirement = _config.Requirement(route.Requirement)) is not null)
            return true;
        var fault = $"Wrong requirement_name: {route.Requirement}. It should be one of [{_config.RequirementNames}]";
        _config.Stats.Denied.Inc();
        Stream.SendLocalReply(403, _config.HidesReason ? [] : Encoding.UTF8.GetBytes($"Failed JWT authentication: {fault}"), JwtStatusTexts.DetailsOf(fault));
        return false;
    }

    private void WaitForKeys()
    {
        _fetcher = _verification!.WaitsFor!.FetcherOf(worker);
        _fetcher!.Wait(this);
    }

    /// <summary>False: the request has been answered.</summary>
    private bool Conclude(JwtStatus status)
    {
        var metadata = _metadata;
        _verification!.AddFailures(metadata);
        var realm = status == JwtStatus.Ok ? "" : Realm();
        var isRouteStale = status == JwtStatus.Ok && _verification.Apply(metadata);
        if (metadata.Fields.Count > 0)
        {
            // The request has it now.
            Stream.Info.DynamicMetadata.Replace(Namespace, metadata);
            _metadata = new Struct();
        }

        if (status != JwtStatus.Ok)
        {
            Deny(status, realm);
            return false;
        }

        _config.Stats.Allowed.Inc();
        if (isRouteStale)
            Stream.ClearRouteCache();
        return true;
    }

    private void Deny(JwtStatus status, string realm)
    {
        _config.Stats.Denied.Inc();
        if (!_config.HidesReason)
        {
            var error = status == JwtStatus.Missing ? "" : ", error=\"invalid_token\"";
            Stream.LocalReplyHeaders.Set(s_authenticate, Encoding.UTF8.GetBytes($"Bearer realm=\"{realm}\"{error}"));
        }

        Stream.SendLocalReply(status == JwtStatus.AudienceNotAllowed ? 403 : 401, _config.HidesReason ? [] : status.Body(), status.Details());
    }

    /// <summary>The address that the client asked for, without its query.</summary>
    private string Realm()
    {
        var headers = Stream.RequestHeaders;
        var path = headers.Has(KnownHeader.XEnvoyOriginalPath) ? headers.Get(KnownHeader.XEnvoyOriginalPath) : headers.Get(KnownHeader.Path);
        var uri = $"{Encoding.ASCII.GetString(headers.Get(KnownHeader.XForwardedProto))}://{Encoding.ASCII.GetString(headers.Get(KnownHeader.Authority))}{Encoding.ASCII.GetString(PathText.WithoutQuery(path))}";
        return (uri.Length > MaxRealmBytes ? uri[..MaxRealmBytes] : uri).Replace("\"", "%22", StringComparison.Ordinal);
    }

    private void ResumeRequest()
    {
        if (!_requestPaused)
            return;
        _requestPaused = false;
        Stream.ResumeRequest();
    }

    private static bool IsPreflight(HeaderMap headers)
        => headers.Get(KnownHeader.Method).SequenceEqual("OPTIONS"u8)
            && !headers.Get(KnownHeader.Origin).IsEmpty
            && !headers.Get(KnownHeader.AccessControlRequestMethod).IsEmpty;
}
