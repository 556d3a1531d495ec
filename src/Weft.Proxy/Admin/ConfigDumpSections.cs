using System.Text.RegularExpressions;
using Envoy.Admin.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Clusters;
using Weft.Proxy.Secrets;
using Weft.Proxy.XdsClient;
using Weft.Proxy.XdsClient.Extensions;
using Listener = Weft.Proxy.Listeners.Listener;

namespace Weft.Proxy.Admin;

/// <summary>The parts of a configuration dump, in Envoy's order: bootstrap, clusters, endpoints, listeners, scoped routes, routes, secrets.</summary>
internal static class ConfigDumpSections
{
    public static IReadOnlyList<IMessage> Make(AdminContext context, Regex? names, bool includeEndpoints)
    {
        var source = context.Configuration;
        var loadedAt = source.LoadedAt.ToTimestamp();
        var sections = new List<IMessage>
        {
            new BootstrapConfigDump { Bootstrap = source.Bootstrap, LastUpdated = loadedAt },
            Clusters(context, names, loadedAt),
        };
        sections.AddRange(context.Extensions.All.ToLookup(extension => extension.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => Extensions(kind, names)));
        if (includeEndpoints && context.Clusters().Count > 0)
            sections.Add(EndpointsDump.Make(context.Clusters(), names));
        sections.Add(Listeners(context, names, loadedAt));
        if (source.StaticRoutes.Count > 0 || context.DiscoveredRoutes.Loaded.Any() || context.ScopedRoutes.All.Count > 0)
        {
            sections.Add(ScopedRoutes(context, names));
            sections.Add(Routes(context, names, loadedAt));
        }
        sections.Add(Secrets(context.Secrets, names, loadedAt));
        return sections;
    }

    private static ClustersConfigDump Clusters(AdminContext context, Regex? names, Timestamp loadedAt)
    {
        var failures = context.Dynamic?.Clusters?.Failures;
        var all = context.Clusters().Where(cluster => Matches(names, cluster.Config.Name)).ToList();
        var warming = context.WarmingClusters().Where(cluster => Matches(names, cluster.Config.Name)).ToList();
        var known = all.Concat(warming).Select(cluster => cluster.Config.Name).ToHashSet(StringComparer.Ordinal);
        return new ClustersConfigDump
        {
            VersionInfo = context.Dynamic?.Clusters?.Version ?? "",
            StaticClusters =
            {
                all.Where(cluster => !cluster.Origin.IsDynamic).Select(cluster =>
                    new ClustersConfigDump.Types.StaticCluster { Cluster = cluster.Written.ToAny(), LastUpdated = loadedAt }),
            },
            DynamicActiveClusters = { all.Where(cluster => cluster.Origin.IsDynamic).Select(cluster => Dynamic(cluster, failures)) },
            DynamicWarmingClusters =
            {
                warming.Select(cluster => Dynamic(cluster, failures)),
                // Refused before there was an accepted one.
                (failures?.Names ?? []).Where(name => Matches(names, name) && !known.Contains(name)).Select(name =>
                    new ClustersConfigDump.Types.DynamicCluster { ErrorState = failures!.Find(name), ClientStatus = ClientResourceStatus.Nacked }),
            },
        };
    }

    private static ClustersConfigDump.Types.DynamicCluster Dynamic(Cluster cluster, UpdateFailures? failures) => new()
    {
        VersionInfo = cluster.Origin.Version,
        Cluster = cluster.Written.ToAny(),
        LastUpdated = cluster.Origin.UpdatedAt.ToTimestamp(),
        ErrorState = failures?.Find(cluster.Config.Name),
    };

    private static ListenersConfigDump Listeners(AdminContext context, Regex? names, Timestamp loadedAt)
    {
        var failures = context.Dynamic?.Listeners?.Failures;
        var active = context.Listeners().Where(listener => Matches(names, listener.Config.Name)).ToList();
        var warming = context.WarmingListeners().Where(listener => Matches(names, listener.Config.Name)).ToList();
        var draining = context.DrainingListeners().Where(listener => listener.Origin.IsDynamic && Matches(names, listener.Config.Name)).ToList();
        var dynamic = active.Where(listener => listener.Origin.IsDynamic).ToList();
        if (!context.AreListenersStarted())
            (dynamic, warming) = ([], dynamic);
        var found = dynamic.Concat(warming).Concat(draining).Select(listener => listener.Config.Name).Concat(failures?.Names.Where(name => Matches(names, name)) ?? []);
        return new ListenersConfigDump
        {
            VersionInfo = context.Dynamic?.Listeners?.Version ?? "",
            StaticListeners =
            {
                active.Where(listener => !listener.Origin.IsDynamic).Select(listener =>
                    new ListenersConfigDump.Types.StaticListener { Listener = Any.Pack(listener.Config.Source), LastUpdated = loadedAt }),
            },
            DynamicListeners =
            {
                found.Distinct(StringComparer.Ordinal).Select(name => new ListenersConfigDump.Types.DynamicListener
                {
                    Name = name,
                    ActiveState = State(dynamic.Find(listener => listener.Config.Name == name)),
                    WarmingState = State(warming.Find(listener => listener.Config.Name == name)),
                    DrainingState = State(draining.FindLast(listener => listener.Config.Name == name)),
                    ErrorState = failures?.Find(name),
                }),
            },
        };
    }

    private static ListenersConfigDump.Types.DynamicListenerState? State(Listener? listener) => listener is null ? null : new()
    {
        VersionInfo = listener.Origin.Version,
        Listener = Any.Pack(listener.Config.Source),
        LastUpdated = listener.Origin.UpdatedAt.ToTimestamp(),
    };

    private static SecretsConfigDump Secrets(SecretManager secrets, Regex? names, Timestamp loadedAt)
    {
        // Places that use the same secret show it once.
        var discovered = secrets.Discovered.Where(secret => Matches(names, secret.Name)).DistinctBy(static secret => (secret.Name, secret.Secret?.TypeCase)).ToLookup(static secret => secret.Secret is not null);
        return new SecretsConfigDump
        {
            StaticSecrets =
            {
                secrets.Static.Where(secret => Matches(names, secret.Name)).Select(secret =>
                    new SecretsConfigDump.Types.StaticSecret { Name = secret.Name, LastUpdated = loadedAt, Secret = Any.Pack(secret) }),
            },
            DynamicActiveSecrets = { discovered[true].Select(Dynamic) },
            DynamicWarmingSecrets = { discovered[false].Select(Dynamic) },
        };
    }

    private static SecretsConfigDump.Types.DynamicSecret Dynamic(LoadedSecret secret) => new()
    {
        Name = secret.Name,
        VersionInfo = secret.Version,
        LastUpdated = secret.UpdatedAt.ToTimestamp(),
        Secret = Any.Pack(secret.Secret ?? new() { Name = secret.Name }),
    };

    private static EcdsConfigDump Extensions(IEnumerable<ExtensionDiscovery> extensions, Regex? names)
    {
        var dump = new EcdsConfigDump();
        foreach (var extension in extensions.Where(extension => Matches(names, extension.Name)))
        {
            if (extension.Last is { } last)
                dump.EcdsFilters.Add(new EcdsConfigDump.Types.EcdsFilterConfig { VersionInfo = last.Version, EcdsFilter = Any.Pack(last.Message), LastUpdated = last.UpdatedAt.ToTimestamp() });
        }

        return dump;
    }

    private static ScopedRoutesConfigDump ScopedRoutes(AdminContext context, Regex? names)
    {
        var dump = new ScopedRoutesConfigDump();
        foreach (var entry in context.ScopedRoutes.All)
        {
            var scopes = entry.Scopes.Where(scope => Matches(names, scope.Name)).Select(scope => Any.Pack(scope));
            var updatedAt = entry.UpdatedAt.ToTimestamp();
            if (!entry.IsDynamic)
                dump.InlineScopedRouteConfigs.Add(new ScopedRoutesConfigDump.Types.InlineScopedRouteConfigs { Name = entry.Name, ScopedRouteConfigs = { scopes }, LastUpdated = updatedAt });
            else if (entry.Version is { } version)
                dump.DynamicScopedRouteConfigs.Add(new ScopedRoutesConfigDump.Types.DynamicScopedRouteConfigs { Name = entry.Name, VersionInfo = version, ScopedRouteConfigs = { scopes }, LastUpdated = updatedAt });
        }

        return dump;
    }

    private static RoutesConfigDump Routes(AdminContext context, Regex? names, Timestamp loadedAt) => new()
    {
        StaticRouteConfigs =
        {
            context.Configuration.StaticRoutes.Where(routes => Matches(names, routes.Name)).Select(routes =>
                new RoutesConfigDump.Types.StaticRouteConfig { RouteConfig = Any.Pack(routes), LastUpdated = loadedAt }),
        },
        DynamicRouteConfigs =
        {
            context.DiscoveredRoutes.Loaded.Where(routes => Matches(names, routes.Name)).Select(routes =>
                new RoutesConfigDump.Types.DynamicRouteConfig { VersionInfo = routes.Version, RouteConfig = routes.Body, LastUpdated = routes.UpdatedAt.ToTimestamp() }),
        },
    };

    private static bool Matches(Regex? names, string name) => names is null || names.IsMatch(name);
}
