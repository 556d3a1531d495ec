using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Keys;

/// <summary>Where the keys of a provider come from. Any thread.</summary>
internal abstract class KeySource
{
    /// <summary>Null when there are none now, or those there are have become too old.</summary>
    public abstract JsonWebKeySet? Current(DateTime utcNow);

    /// <summary>Fetches keys on a worker; null when they cannot be fetched.</summary>
    public virtual KeyFetcher? FetcherOf(Worker worker) => null;
}

/// <summary>Keys that stand in the configuration (local_jwks); null: they were not readable.</summary>
internal sealed class LocalKeys(JsonWebKeySet? set) : KeySource
{
    public override JsonWebKeySet? Current(DateTime utcNow) => set;
}
