using Envoy.Extensions.Filters.Http.JwtAuthn.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.JwtAuthn.Keys;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>A compiled JwtProvider: whose tokens, for whom, checked with which keys, and what the upstream gets of them. Any thread.</summary>
internal sealed class JwtProviderConfig
{
    private const uint DefaultClockSkewSeconds = 60;
    private const uint DefaultCacheSize = 100;

    private readonly JwtProvider _source;
    private readonly JwtAudiences _audiences;
    private readonly StringMatcher? _subjects;
    private readonly double? _maxLifetimeSeconds;
    private readonly JwtCache?[]? _caches;
    private readonly (HeaderName Header, string Claim)[] _claimHeaders;
    private readonly HeaderName? _payloadHeader;

    private JwtProviderConfig(JwtProvider source, KeySource keys, FactoryContext context)
    {
        _source = source;
        Keys = keys;
        Locations = new JwtLocations([source]);
        _audiences = new JwtAudiences(source.Audiences);
        _subjects = source.Subjects is null ? null : StringMatcher.Create(source.Subjects, context.Config);
        _maxLifetimeSeconds = source.MaxLifetime?.ToTimeSpan().TotalSeconds ?? (source.RequireExpiration ? double.PositiveInfinity : null);
        _caches = source.JwtCacheConfig is null ? null : new JwtCache?[context.Concurrency + 1];
        _claimHeaders = [.. source.ClaimToHeaders.Select(static claim => (new HeaderName(claim.HeaderName), claim.ClaimName))];
        _payloadHeader = source.ForwardPayloadHeader.Length > 0 ? new HeaderName(source.ForwardPayloadHeader) : null;
    }

    public string Issuer => _source.Issuer;

    public KeySource Keys { get; }

    public JwtLocations Locations { get; }

    /// <summary>failed_status_in_metadata; "": nowhere.</summary>
    public string FailedStatusKey => _source.FailedStatusInMetadata;

    public JwtProvider Source => _source;

    /// <summary>Null, with findings, when it cannot be used.</summary>
    public static JwtProviderConfig? Create(string name, JwtProvider source, JwtAuthnStats stats, FactoryContext context)
        => KeysOf(name, source, stats, context) is { } keys ? new JwtProviderConfig(source, keys, context) : null;

    /// <summary>Verified tokens that a worker remembers; null: none.</summary>
    public JwtCache? CacheOf(Worker worker)
        => _caches is null ? null : _caches[worker.Index] ??= new JwtCache((int)(_source.JwtCacheConfig.JwtCacheSize is 0 ? DefaultCacheSize : _source.JwtCacheConfig.JwtCacheSize));

    /// <summary>Checks all that stands in the token; its signature is another matter.</summary>
    /// <param name="audiences">Of the requirement; null: the provider's.</param>
    public JwtStatus Check(JsonWebToken token, DateTime utcNow, JwtAudiences? audiences)
    {
        var now = (utcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
        var skew = _source.ClockSkewSeconds > 0 ? _source.ClockSkewSeconds : DefaultClockSkewSeconds;
        if (token.NotBefore > now + skew)
            return JwtStatus.NotYetValid;
        if (token.Expiration > 0 && now > token.Expiration + skew)
            return JwtStatus.Expired;
        if (!(audiences ?? _audiences).Allow(token.Audiences))
            return JwtStatus.AudienceNotAllowed;
        var isSubjectAllowed = _subjects is null || _subjects.IsMatch(System.Text.Encoding.UTF8.GetBytes(token.Subject));
        var isLifetimeAllowed = _maxLifetimeSeconds is not { } limit || (token.Expiration > 0 && token.Expiration - now < limit);
        return isSubjectAllowed && isLifetimeAllowed ? JwtStatus.Ok : JwtStatus.VerificationFailed;
    }

    /// <summary>Tells the upstream what a verified token says.</summary>
    /// <returns>The route may have to be chosen again.</returns>
    public bool Forward(JsonWebToken token, JwtLocation location, HeaderMap headers, Struct metadata)
    {
        if (_payloadHeader is { } payload)
            headers.Add(payload, _source.PadForwardPayloadHeader ? ClaimText.Padded(token.EncodedPayload) : token.EncodedPayload);
        var isHeaderAdded = false;
        foreach (var (header, name) in _claimHeaders)
        {
            if (ClaimText.Of(token.Claim(name)) is not { Length: > 0 } text)
                continue;
            headers.Add(header, text);
            isHeaderAdded = true;
        }

        if (!_source.Forward)
            location.Remove(headers);
        if (_source.HeaderInMetadata.Length > 0)
            metadata.Fields[_source.HeaderInMetadata] = Value.ForStruct(token.Header);
        if (_source.PayloadInMetadata.Length > 0)
            metadata.Fields[_source.PayloadInMetadata] = Value.ForStruct(Normalized(token.Payload));
        return _source.ClearRouteCache && (isHeaderAdded || _source.PayloadInMetadata.Length > 0);
    }

    /// <summary>normalize_payload_in_metadata: claims that are lists written as one text become lists.</summary>
    private Struct Normalized(Struct payload)
    {
        var claims = _source.NormalizePayloadInMetadata?.SpaceDelimitedClaims;
        if (claims is not { Count: > 0 })
            return payload;
        var result = payload.Clone();
        foreach (var claim in claims)
        {
            if (result.Fields.TryGetValue(claim, out var value) && value.HasStringValue)
                result.Fields[claim] = Value.ForList([.. value.StringValue.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Value.ForString)]);
        }

        return result;
    }

    private static KeySource? KeysOf(string name, JwtProvider source, JwtAuthnStats stats, FactoryContext context)
    {
        switch (source.JwksSourceSpecifierCase)
        {
            case JwtProvider.JwksSourceSpecifierOneofCase.RemoteJwks:
                return RemoteKeys.Create(name, source.RemoteJwks, stats, context);
            case JwtProvider.JwksSourceSpecifierOneofCase.LocalJwks:
                if (DataSourceReader.Read(source.LocalJwks, long.MaxValue, context.Config) is not { } json)
                    return null;
                var status = JsonWebKeySet.TryParse(json, out var keys);
                if (status != JwtStatus.Ok)
                    context.Config.Warning(source, "local_jwks", $"no token of provider '{name}' can be verified: {status.Text()}");
                return new LocalKeys(keys);
            default:
                return null; // The API's own rules report it.
        }
    }
}
