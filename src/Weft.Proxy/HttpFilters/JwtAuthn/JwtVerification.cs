using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.HttpFilters.JwtAuthn.Keys;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>
/// The verification of one request. Nothing of the request is changed before the verdict, so that it can begin anew when keys have to be
/// fetched first. Worker thread.
/// </summary>
internal sealed class JwtVerification(JwtAuthnConfig config, Worker worker, HeaderMap headers)
{
    private readonly List<(JwtProviderConfig Provider, JsonWebToken Token, JwtLocation Location)> _verified = [];
    private readonly HashSet<KeySource> _withoutKeys = [];
    private readonly Dictionary<string, JwtStatus> _failures = new(StringComparer.Ordinal);

    /// <summary>What must be fetched before there can be a verdict; null when there is one.</summary>
    public KeySource? WaitsFor { get; private set; }

    public HeaderMap Headers => headers;

    /// <summary>Begins (anew); null when keys are missing: see <see cref="WaitsFor"/>.</summary>
    public JwtStatus? Run(Requirements.JwtRequirement requirement)
    {
        _verified.Clear();
        _failures.Clear();
        WaitsFor = null;
        var status = requirement.Check(this);
        return WaitsFor is null ? status : null;
    }

    /// <summary>The keys could not be fetched: tokens that need them fail.</summary>
    public void GiveUp(KeySource keys) => _withoutKeys.Add(keys);

    /// <summary>Checks one token.</summary>
    /// <param name="provider">Whose it must be; null: the one that its issuer belongs to.</param>
    public JwtStatus Verify(FoundToken found, JwtProviderConfig? provider, JwtAudiences? audiences)
    {
        var responsible = provider ?? config.OnlyProvider;
        var status = Check(found, ref provider, audiences);
        if (status == JwtStatus.Ok || WaitsFor is not null)
            return status;
        return Fail(status, provider ?? responsible);
    }

    /// <summary>Notes why a token is not accepted, for who asked for it (failed_status_in_metadata).</summary>
    public JwtStatus Fail(JwtStatus status, JwtProviderConfig? provider)
    {
        if (provider is { FailedStatusKey.Length: > 0 })
            _failures[provider.FailedStatusKey] = status;
        return status;
    }

    /// <summary>Changes the request as the verified tokens ask for.</summary>
    /// <param name="metadata">Gets what they say.</param>
    /// <returns>The route may have to be chosen again.</returns>
    public bool Apply(Struct metadata)
    {
        var isRouteStale = false;
        foreach (var (provider, token, location) in _verified)
            isRouteStale |= provider.Forward(token, location, headers, metadata);
        return isRouteStale;
    }

    /// <summary>Tells why tokens were not accepted.</summary>
    public void AddFailures(Struct metadata)
    {
        foreach (var (key, status) in _failures)
        {
            metadata.Fields[key] = Value.ForStruct(new Struct
            {
                Fields = { ["code"] = Value.ForNumber((int)status), ["message"] = Value.ForString(status.Text()) },
            });
        }
    }

    private JwtStatus Check(FoundToken found, ref JwtProviderConfig? provider, JwtAudiences? audiences)
    {
        var cache = provider?.CacheOf(worker);
        var isKnown = Find(cache, found.Text, out var token);
        if (!isKnown && JsonWebToken.TryParse(found.Text, out token) is var fault and not JwtStatus.Ok)
            return fault;
        if (!found.Location.Issuers.Allows(token!.Issuer))
            return JwtStatus.UnknownIssuer;
        provider ??= config.ProviderOf(token.Issuer);
        if (provider is null)
            return JwtStatus.UnknownIssuer;
        var status = provider.Check(token, worker.Loop.UtcNow, audiences);
        if (status == JwtStatus.Ok && !isKnown)
            status = VerifySignature(token, provider);
        if (status != JwtStatus.Ok || WaitsFor is not null)
            return status;
        if (!isKnown)
            cache?.Add(found.Text, token);
        _verified.Add((provider, token, found.Location));
        return JwtStatus.Ok;
    }

    private bool Find(JwtCache? cache, byte[] text, out JsonWebToken? token)
    {
        token = null;
        if (cache is null)
            return false;
        var isKnown = cache.TryFind(text, out token);
        (isKnown ? config.Stats.CacheHit : config.Stats.CacheMiss).Inc();
        return isKnown;
    }

    private JwtStatus VerifySignature(JsonWebToken token, JwtProviderConfig provider)
    {
        if (provider.Keys.Current(worker.Loop.UtcNow) is { } keys)
            return keys.Verify(token);
        if (provider.Keys is LocalKeys)
            return JwtStatus.NoValidKeys;
        if (_withoutKeys.Contains(provider.Keys))
            return JwtStatus.KeysNotFetched;
        WaitsFor = provider.Keys;
        return JwtStatus.KeysNotFetched;
    }
}
