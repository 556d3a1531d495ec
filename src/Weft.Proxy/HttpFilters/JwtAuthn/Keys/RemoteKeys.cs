using System.Text;
using Envoy.Extensions.Filters.Http.JwtAuthn.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Keys;

/// <summary>Keys that are fetched from a server (remote_jwks), kept for a while and shared by all workers. Any thread.</summary>
internal sealed class RemoteKeys : KeySource
{
    private const long DefaultCacheMs = 600_000;
    private const long DefaultBackOffMs = 1_000;

    private readonly KeyFetcher?[] _fetchers;
    private readonly JwtAuthnStats _stats;
    private readonly long _cacheMs;
    private volatile Entry? _entry;

    private RemoteKeys(RemoteJwks config, JwtAuthnStats stats, FactoryContext context)
    {
        var uri = new Uri(config.HttpUri.Uri);
        Cluster = context.Clusters.Get(config.HttpUri.Cluster);
        Host = Encoding.ASCII.GetBytes(uri.Authority);
        Path = Encoding.ASCII.GetBytes(uri.PathAndQuery);
        TimeoutMs = config.HttpUri.Timeout.ToMs(0);
        Retries = config.RetryPolicy?.NumRetries ?? (config.RetryPolicy is null ? 0u : 1u);
        BackOffMs = config.RetryPolicy?.RetryBackOff?.BaseInterval.ToMs(DefaultBackOffMs) ?? DefaultBackOffMs;
        MaxBackOffMs = config.RetryPolicy?.RetryBackOff?.MaxInterval.ToMs(10 * BackOffMs) ?? 10 * BackOffMs;
        _cacheMs = config.CacheDuration.ToMs(DefaultCacheMs);
        _stats = stats;
        _fetchers = new KeyFetcher?[context.Concurrency + 1];
    }

    public ClusterReference Cluster { get; }

    public byte[] Host { get; }

    public byte[] Path { get; }

    /// <summary>Of one attempt.</summary>
    public long TimeoutMs { get; }

    /// <summary>Attempts after the first.</summary>
    public uint Retries { get; }

    public long BackOffMs { get; }

    public long MaxBackOffMs { get; }

    /// <summary>Null, with the fault reported, when the address is none.</summary>
    /// <param name="provider">Its name, for the fault.</param>
    public static RemoteKeys? Create(string provider, RemoteJwks config, JwtAuthnStats stats, FactoryContext context)
    {
        // The API's own rules report what is missing.
        if (config.HttpUri is not { } http)
            return null;
        if (!Uri.TryCreate(http.Uri, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            context.Config.Error(http, "uri", $"Provider '{provider}' has an invalid URI: '{http.Uri}'");
            return null;
        }

        var keys = new RemoteKeys(config, stats, context);
        if (config.AsyncFetch is { } ahead && context.Main is { } main)
            KeyRefresher.Start(keys, ahead, keys._cacheMs, main, context);
        return keys;
    }

    public override JsonWebKeySet? Current(DateTime utcNow) => _entry is { } entry && utcNow < entry.ExpiresUtc ? entry.Keys : null;

    public override KeyFetcher FetcherOf(Worker worker) => _fetchers[worker.Index] ??= new KeyFetcher(this, worker);

    /// <summary>Takes what the server answered.</summary>
    /// <param name="body">Null when it gave no usable answer.</param>
    /// <param name="forGood">Somebody fetches again before the keys become too old.</param>
    /// <returns>There are keys.</returns>
    public bool Take(byte[]? body, DateTime utcNow, bool forGood)
    {
        if (body is null || JsonWebKeySet.TryParse(body, out var keys) != JwtStatus.Ok)
        {
            _stats.KeysNotFetched.Inc();
            return false;
        }

        _stats.KeysFetched.Inc();
        _entry = new Entry(keys!, forGood ? DateTime.MaxValue : utcNow.AddMilliseconds(_cacheMs));
        return true;
    }

    private sealed record Entry(JsonWebKeySet Keys, DateTime ExpiresUtc);
}
