using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient.Collections;
using Weft.Proxy.XdsClient.Files;
using Weft.Xds;
using ApiType = Envoy.Config.Core.V3.ApiConfigSource.Types.ApiType;
using Node = Envoy.Config.Core.V3.Node;

namespace Weft.Proxy.XdsClient;

/// <summary>Makes the subscription that a ConfigSource describes; sources are shared by all subscriptions of them. Main thread.</summary>
internal sealed class SubscriptionFactory : IDisposable
{
    /// <summary>initial_fetch_timeout when it is not set: 15 s.</summary>
    private const long DefaultInitialFetchTimeoutMs = 15_000;

    private readonly EventLoop _loop;
    private readonly ReadOptions _options;
    private readonly FileWatcher _watcher;
    private readonly Dictionary<(string Path, string? Directory, bool IsCollection), FileSource> _files = [];
    private Dictionary<string, string> _nodeContext = [];
    private Authorities? _authorities;
    private FactoryContext? _later;

    /// <param name="main">The main thread's worker.</param>
    /// <param name="bootstrap">For dynamic_resources.ads_config and the clusters of management servers.</param>
    /// <param name="node">Who asks.</param>
    /// <param name="options">What to let pass in what is discovered.</param>
    /// <param name="savedTo">Where what management servers gave is kept for the next start; null: nowhere.</param>
    public SubscriptionFactory(Worker main, Envoy.Config.Bootstrap.V3.Bootstrap bootstrap, Node node, ReadOptions options, string? savedTo = null)
    {
        (_loop, _options) = (main.Loop, options);
        _watcher = new FileWatcher(main.Loop);
        Servers = new ManagementServers(main, bootstrap, node, options, savedTo);
    }

    /// <summary>The management servers.</summary>
    public ManagementServers Servers { get; }

    /// <summary>The bootstrap says where resources with xdstp names come from.</summary>
    public bool HasAuthorities => _authorities is { IsEmpty: false };

    /// <summary>Watches the files of sources, and what their resources refer to.</summary>
    public FileWatcher Watcher => _watcher;

    /// <summary>Checks a message that came by another way than discovery against the API's rules and what is implemented.</summary>
    public void Validate(IMessage message, ConfigContext context) => ConfigReader.Check(message, "", _options, context);

    /// <summary>Whether a source can be used; reports the fault when it cannot. The parameters are those of <see cref="Create"/>.</summary>
    public bool Check(ConfigSource? source, IMessage at, string field, ResourceType type, FactoryContext context) => SourceOf(source, at, field, type, context) is not null;

    /// <summary>Null, with the fault reported, when the source cannot be used.</summary>
    /// <param name="source">The field; null: not set.</param>
    /// <param name="at">The message that holds it.</param>
    /// <param name="field">Its name there.</param>
    /// <param name="type">What is wanted.</param>
    /// <param name="name">Which of them; null: all. With an xdstp name whose authority the bootstrap knows, that is asked instead of the source.</param>
    /// <param name="watcher">Gets the updates.</param>
    /// <param name="scope">For the statistics of the subscription.</param>
    /// <param name="context">Takes the faults.</param>
    public Subscription? Create(ConfigSource? source, IMessage at, string field, ResourceType type, string? name, IResourceWatcher watcher, StatsScope scope, FactoryContext context)
    {
        _later ??= context.For(new ConfigContext());
        XdsTpName? xdsTpName = null;
        if (name is not null && XdsTpName.HasScheme(name) && (xdsTpName = XdsTpName.Parse(name, out var fault)) is null)
        {
            context.Config.Error(at, null, fault);
            return null;
        }

        var from = xdsTpName is not null ? SourceOf(xdsTpName, source, at, field, type, context) : SourceOf(source, at, field, type, context);
        return from is null ? null : Subscribe(source, type, xdsTpName?.ToString() ?? name, from, watcher, scope);
    }

    /// <summary>All resources of a type, or those of a collection. The parameters are those of <see cref="Create"/>.</summary>
    /// <param name="locator">An xdstp or file URL; empty: all.</param>
    /// <param name="locatorField">The name of its field.</param>
    public Subscription? CreateAll(ConfigSource? source, IMessage at, string field, string locator, string locatorField, ResourceType type, IResourceWatcher watcher, StatsScope scope, FactoryContext context)
    {
        if (locator.Length == 0)
            return Create(source, at, field, type, null, watcher, scope, context);
        _later ??= context.For(new ConfigContext());
        if (FileLocator.HasScheme(locator))
        {
            var file = FileLocator.Read(locator, type, at, locatorField, context.Config) is { } path ? FileOf(path, null, at, locatorField, context.Config, isCollection: true) : null;
            return file is null ? null : Subscribe(source, type, null, file, watcher, scope);
        }

        if (CollectionLocator.Read(locator, source, type, _nodeContext, at, locatorField, context.Config) is not { } name)
            return null;
        var from = source!.ApiConfigSource is { ApiType: ApiType.AggregatedGrpc or ApiType.AggregatedDeltaGrpc } ? Servers.Ads(source, context) : SourceOf(source, at, field, type, context);
        return from is null ? null : Subscribe(source, type, name, from, watcher, scope);
    }

    /// <summary>The endpoints of a locality (LEDS), when the endpoints of its cluster have come; null, with the fault reported, when they cannot be had.</summary>
    /// <param name="scope">Of the cluster's LEDS.</param>
    public Subscription? CreateLocality(LedsClusterLocalityConfig leds, IResourceWatcher watcher, StatsScope scope, ConfigContext config) =>
        CreateAll(leds.LedsConfig, leds, "leds_config", leds.LedsCollectionName, "leds_collection_name", ResourceType.LocalityEndpoints, watcher, scope, _later!.For(config));

    /// <summary>Takes what the bootstrap says of xdstp names; once, before anything is subscribed to. Faults are reported in the context.</summary>
    public void UseAuthoritiesOf(Envoy.Config.Bootstrap.V3.Bootstrap bootstrap, FactoryContext context)
    {
        _nodeContext = NodeContext.Of(Servers.Node, bootstrap.NodeContextParams);
        _authorities = new Authorities(bootstrap, (source, name) => Servers.Authority(source, name, context), context);
    }

    /// <summary>The bootstrap has changed: other clusters may be management servers.</summary>
    public void UseManagementServersOf(Envoy.Config.Bootstrap.V3.Bootstrap bootstrap) => Servers.Use(bootstrap);

    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
        Servers.Dispose();
        _authorities?.Dispose();
        _watcher.Dispose();
    }

    private Subscription Subscribe(ConfigSource? source, ResourceType type, string? name, IResourceSource from, IResourceWatcher watcher, StatsScope scope)
    {
        from.ListStats(scope);
        return new Subscription(type, name, from, watcher, new SubscriptionStats(scope), _loop, (source?.InitialFetchTimeout).ToMs(DefaultInitialFetchTimeoutMs));
    }

    /// <summary>Endpoints, routes and clusters come from the authority in their name.</summary>
    private IResourceSource? SourceOf(XdsTpName name, ConfigSource? source, IMessage at, string field, ResourceType type, FactoryContext context)
    {
        if (type != ResourceType.Endpoints && type != ResourceType.Routes && type != ResourceType.Clusters)
            return SourceOf(source, at, field, type, context);
        if (source is not null && source.Authorities.Any(authority => authority.Name == name.Authority))
        {
            context.Config.Error(source, "authorities", "Dynamically using non-bootstrap defined xDS-TP config sources is not yet supported.");
            return null;
        }

        if (_authorities?.Find(name.Authority) is { } authority)
            return authority;
        if (source is not null)
            return SourceOf(source, at, field, type, context);
        context.Config.Error(at, field, $"No valid authority was found for the given xDS-TP resource {name}.");
        return null;
    }

    private IResourceSource? SourceOf(ConfigSource? source, IMessage at, string field, ResourceType type, FactoryContext context)
    {
        switch (source?.ConfigSourceSpecifierCase)
        {
#pragma warning disable CS0612 // path is the deprecated form of path_config_source
            case ConfigSource.ConfigSourceSpecifierOneofCase.Path:
                return FileOf(source.Path, null, source, "path", context.Config);
#pragma warning restore CS0612
            case ConfigSource.ConfigSourceSpecifierOneofCase.PathConfigSource:
                var file = source.PathConfigSource;
                return FileOf(file.Path, file.WatchedDirectory?.Path, file, "path", context.Config);
            case ConfigSource.ConfigSourceSpecifierOneofCase.Ads:
                return Servers.Ads(source, context);
            case ConfigSource.ConfigSourceSpecifierOneofCase.ApiConfigSource:
                return Servers.Of(source.ApiConfigSource, type, context);
            case null or ConfigSource.ConfigSourceSpecifierOneofCase.None:
                context.Config.Error(source ?? at, source is null ? field : null, "Missing config source specifier in envoy::config::core::v3::ConfigSource");
                return null;
            default:
                context.Config.Error(source, null, "this kind of config source is not implemented yet; use path_config_source, ads or api_config_source");
                return null;
        }
    }

    /// <param name="isCollection">The file has a collection, not a DiscoveryResponse.</param>
    private FileSource? FileOf(string path, string? watchedDirectory, IMessage at, string field, ConfigContext context, bool isCollection = false)
    {
        if (!File.Exists(path))
        {
            context.Error(at, field, $"paths must refer to an existing path in the system: '{path}' does not exist");
            return null;
        }

        if (!_files.TryGetValue((path, watchedDirectory, isCollection), out var file))
            _files[(path, watchedDirectory, isCollection)] = file = new FileSource(path, watchedDirectory, isCollection ? new FileFormat(FileReading.OfCollection) : FileReading.Of, _loop, _watcher, _options);
        return file;
    }
}
