using Envoy.Config.Route.V3;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.XdsClient.Scopes;

/// <summary>All scoped_routes in use, for <c>/config_dump</c>. Main thread.</summary>
internal sealed class ScopedRouteList
{
    private readonly List<Entry> _all = [];

    public IReadOnlyList<Entry> All => _all;

    /// <summary>Adds one; it leaves with the lifetime.</summary>
    public void Add(Entry entry, Lifetime? lifetime)
    {
        _all.Add(entry);
        lifetime?.Add(new Leaving(() => _all.Remove(entry)));
    }

    /// <summary>The scopes of one connection manager.</summary>
    /// <param name="Name">scoped_routes.name.</param>
    /// <param name="IsDynamic">They are discovered.</param>
    internal sealed record Entry(string Name, bool IsDynamic)
    {
        public IReadOnlyCollection<ScopedRouteConfiguration> Scopes { get; set; } = [];

        /// <summary>version_info of the newest accepted response; null: there was none.</summary>
        public string? Version { get; set; }

        public DateTimeOffset UpdatedAt { get; set; }
    }

    private sealed class Leaving(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
