using Google.Protobuf;
using Google.Protobuf.Reflection;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.HttpFilters;

/// <summary>Makes a filter's factory from its message; null, with findings, when it cannot be made.</summary>
/// <param name="name">The filter's configured name.</param>
/// <param name="config">The filter's own message.</param>
/// <param name="statPrefix">stat_prefix of the connection manager.</param>
internal delegate HttpFilterFactory? CreateFilterFactory<in T>(string name, T config, string statPrefix, FactoryContext context);

/// <summary>Compiles what a route says to a filter; null, with findings, when it cannot be.</summary>
internal delegate FilterRouteConfig? CreateFilterRouteConfig<in T>(T config, FactoryContext context);

/// <summary>As <see cref="CreateFilterRouteConfig{T}"/>, for what depends on the filter that it is said to.</summary>
/// <param name="filter">Null when the table is compiled for no connection manager.</param>
internal delegate FilterRouteConfig? CreateRouteConfigFor<in T>(T config, HttpFilterFactory? filter, FactoryContext context);

/// <summary>A line of the registry: a kind of filter, known by the type of its message. Immutable.</summary>
internal sealed class HttpFilterType
{
    private readonly CreateFilterFactory<IMessage> _create;
    private readonly CreateRouteConfigFor<IMessage>? _createRouteConfig;

    private HttpFilterType(MessageDescriptor config, CreateFilterFactory<IMessage> create, MessageDescriptor routeConfig, CreateRouteConfigFor<IMessage>? createRouteConfig)
    {
        Config = config;
        RouteConfig = routeConfig;
        _create = create;
        _createRouteConfig = createRouteConfig;
    }

    /// <summary>The filter's own message.</summary>
    public MessageDescriptor Config { get; }

    /// <summary>The message that routes configure it with; its own when routes cannot.</summary>
    public MessageDescriptor RouteConfig { get; }

    /// <summary>It may stand in a connection manager's chain.</summary>
    public bool IsForDownstream { get; private set; } = true;

    /// <summary>It may stand before connections to upstreams.</summary>
    public bool IsForUpstream { get; private set; }

    public bool HasRouteConfig => _createRouteConfig is not null;

    /// <summary>A filter that routes cannot configure.</summary>
    public static HttpFilterType Of<T>(CreateFilterFactory<T> create)
        where T : IMessage<T>, new()
        => new(new T().Descriptor, (name, config, prefix, context) => create(name, (T)config, prefix, context), new T().Descriptor, null);

    /// <summary>A filter that routes configure with <typeparamref name="TRoute"/>.</summary>
    public static HttpFilterType Of<T, TRoute>(CreateFilterFactory<T> create, CreateFilterRouteConfig<TRoute> createRouteConfig)
        where T : IMessage<T>, new()
        where TRoute : IMessage<TRoute>, new()
        => Of<T, TRoute>(create, (config, _, context) => createRouteConfig(config, context));

    /// <summary>A filter that routes configure with <typeparamref name="TRoute"/>, which depends on the filter.</summary>
    public static HttpFilterType Of<T, TRoute>(CreateFilterFactory<T> create, CreateRouteConfigFor<TRoute> createRouteConfig)
        where T : IMessage<T>, new()
        where TRoute : IMessage<TRoute>, new()
        => new(
            new T().Descriptor,
            (name, config, prefix, context) => create(name, (T)config, prefix, context),
            new TRoute().Descriptor,
            (config, filter, context) => createRouteConfig((TRoute)config, filter, context));

    /// <summary>It may stand before connections to upstreams too.</summary>
    public HttpFilterType AlsoUpstream()
    {
        IsForUpstream = true;
        return this;
    }

    /// <summary>It stands only before connections to upstreams.</summary>
    public HttpFilterType OnlyUpstream()
    {
        IsForDownstream = false;
        return AlsoUpstream();
    }

    /// <summary>It may stand in the chain that <paramref name="context"/> makes.</summary>
    public bool MayStandIn(FactoryContext context) => context.UpstreamFilterPrefix is null ? IsForDownstream : IsForUpstream;

    public HttpFilterFactory? CreateFactory(string name, IMessage config, string statPrefix, FactoryContext context) => _create(name, config, statPrefix, context);

    public FilterRouteConfig? CreateRouteConfig(IMessage config, HttpFilterFactory? filter, FactoryContext context) => _createRouteConfig!(config, filter, context);
}
