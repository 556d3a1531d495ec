using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners;
using Weft.Proxy.Runtime;
using Weft.Proxy.Stats;
using Weft.Proxy.TransportSockets.Tls;

namespace Weft.Proxy.Admin;

/// <summary>What the endpoints show and change. Main thread.</summary>
public sealed class AdminContext
{
    public required ServerOptions Options { get; init; }

    public required ServerStatus Status { get; init; }

    public required IServerControl Control { get; init; }

    /// <summary>Who this proxy is, as <c>/server_info</c> prints it.</summary>
    public required Envoy.Config.Core.V3.Node Node { get; init; }

    public required StatsStore Stats { get; init; }

    /// <summary>stats_flush_on_admin: called before statistics are printed; null when not configured.</summary>
    public Action? FlushStats { get; init; }

    /// <summary>How statistics are printed.</summary>
    public StatsConfig StatsConfig { get; init; } = StatsConfig.Default;

    public required RuntimeLayers Runtime { get; init; }

    public required Func<IReadOnlyList<Cluster>> Clusters { get; init; }

    public required Func<IReadOnlyList<Listener>> Listeners { get; init; }

    /// <summary>The discovery of clusters and listeners; null where there is none.</summary>
    internal XdsClient.DynamicResources? Dynamic { get; init; }

    /// <summary>Clusters that wait for their endpoints.</summary>
    public Func<IEnumerable<Cluster>> WarmingClusters { get; init; } = static () => [];

    /// <summary>Listeners that wait for their routes or secrets.</summary>
    public Func<IEnumerable<Listener>> WarmingListeners { get; init; } = static () => [];

    /// <summary>Listeners that were removed or replaced, as long as they have connections.</summary>
    public Func<IEnumerable<Listener>> DrainingListeners { get; init; } = static () => [];

    /// <summary>Whether listeners accept already: until then, those that were discovered are shown as warming.</summary>
    public Func<bool> AreListenersStarted { get; init; } = static () => true;

    internal XdsClient.DiscoveredRouteList DiscoveredRoutes { get; init; } = new();

    internal XdsClient.Scopes.ScopedRouteList ScopedRoutes { get; init; } = new();

    /// <summary>Configurations of filters that are discovered.</summary>
    internal XdsClient.Extensions.ExtensionDiscoveries Extensions { get; init; } = new();

    /// <summary>What listeners still wait for.</summary>
    internal Func<IEnumerable<InitManager>> UnreadyListeners { get; init; } = static () => [];

    public required ConfigDumpSource Configuration { get; set; }

    /// <summary>Secrets of the bootstrap and those that are discovered.</summary>
    public Secrets.SecretManager Secrets { get; init; } = new();

    /// <summary>What <c>/certs</c> prints.</summary>
    internal TlsContextList TlsContexts { get; init; } = new();

    /// <summary>What sinks of statistics add.</summary>
    public IEnumerable<AdminEndpoint> SinkEndpoints { get; init; } = [];

    public LogRegistry Logs { get; init; } = LogRegistry.Process;
}
