using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Discovered;
using Weft.Proxy.XdsClient.Extensions;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using HttpFilterMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpFilter;
using RouterMessage = Envoy.Extensions.Filters.Http.Router.V3.Router;

namespace Weft.Proxy.HttpFilters;

/// <summary>Makes the factories of chains of HTTP filters, of the types that <see cref="HttpFilterRegistry"/> lists. Main thread.</summary>
internal static class HttpFilterChainCompiler
{
    /// <summary>The factories of a connection manager's filters; null, with findings, when they cannot be made.</summary>
    public static HttpFilterFactory[]? Create(HcmMessage manager, FactoryContext context) =>
        Create(new HttpFilterChain(manager.HttpFilters, manager, "http_filters", "http"), manager.StatPrefix, context);

    /// <summary>The factories of a chain; null, with findings, when they cannot be made.</summary>
    public static HttpFilterFactory[]? Create(HttpFilterChain chain, string statPrefix, FactoryContext context)
    {
        var factories = new List<HttpFilterFactory>();
        var isComplete = true;
        foreach (var filter in chain.Filters)
        {
            var isOptional = false;
            var factory = filter.ConfigTypeCase == HttpFilterMessage.ConfigTypeOneofCase.ConfigDiscovery
                ? CreateDiscovered(filter.Name, filter.ConfigDiscovery, statPrefix, isLast: filter == chain.Filters[^1], context, filter.Disabled)
                : CreateOne(filter, statPrefix, context, out isOptional);
            if (factory is not null)
                factories.Add(factory);
            else
                isComplete &= isOptional;
        }

        if (chain.Filters.Count == 0)
        {
            context.Config.Warning(chain.At, chain.Field, "without filters every request gets 404: add envoy.filters.http.router");
            factories.Add(new NoFilterFactory { Name = "" });
        }

        if (!isComplete || !CheckEnd(chain, factories, context))
            return null;
        foreach (var factory in factories)
            factory.OnChain(factories);
        return [.. factories];
    }

    /// <summary>A filter inside another's configuration; null, with findings, when it cannot be made.</summary>
    public static HttpFilterFactory? CreateInner(TypedExtensionConfig? extension, string statPrefix, FactoryContext context)
    {
        if (extension is null || (context.Config.Unpack(extension.TypedConfig) is null && extension.TypedConfig?.TypeUrl.Length > 0))
            return null; // Reported when it was read.
        return CreateOne(new HttpFilterMessage { Name = extension.Name, TypedConfig = extension.TypedConfig }, statPrefix, context, out _);
    }

    /// <summary>A place for a filter whose configuration is discovered.</summary>
    /// <param name="name">Of the filter, and of what is discovered.</param>
    /// <param name="source">Where from.</param>
    /// <param name="isLast">It ends its chain.</param>
    public static DiscoveredFilterFactory CreateDiscovered(string name, ExtensionConfigSource source, string statPrefix, bool isLast, FactoryContext context, bool isDisabled = false)
    {
        foreach (var url in source.TypeUrls)
        {
            if (!HttpFilterRegistry.IsKnown(url, context))
                context.Config.Error(source, "type_urls", $"Error: no factory found for a required type URL {url}.");
        }

        var place = new DiscoveredFilterFactory(isLast) { Name = name, IsDisabled = isDisabled };
        place.Slot = new ExtensionSlot<HttpFilterFactory>(context.UpstreamFilterPrefix is null ? "http_filter" : "upstream_http_filter", name, source, Make, context);
        return place;

        HttpFilterFactory? Make(Any config, FactoryContext its)
        {
            var factory = CreateOne(new HttpFilterMessage { Name = name, TypedConfig = config, Disabled = isDisabled }, statPrefix, its, out _);
            if (factory is not null && EndFault(factory, isLast) is { } fault)
            {
                its.Config.Error(config, null, fault);
                return null;
            }

            if (factory is not null && place.Chain is { } chain)
                factory.OnChain(chain);
            return factory;
        }
    }

    private static HttpFilterFactory? CreateOne(HttpFilterMessage filter, string statPrefix, FactoryContext context, out bool isOptional)
    {
        isOptional = false;
        var config = context.Config.Unpack(filter.TypedConfig);

        // The router needs no configuration: files that only name it are common.
        if (config is null && filter.Name is "envoy.filters.http.router" or "envoy.router")
            config = new RouterMessage();
        var type = config is null ? null : HttpFilterRegistry.Find(config.Descriptor);
        if (config is not null && type is not null && type.Config == config.Descriptor && type.MayStandIn(context))
        {
            var factory = type.CreateFactory(filter.Name, config, statPrefix, context);
            if (factory is not null)
                factory.IsDisabled = filter.Disabled;
            return factory;
        }

        isOptional = filter.IsOptional;
        var text = config is null
            ? $"Didn't find a registered implementation for '{filter.Name}' with type URL: ''"
            : type is not null || context.UpstreamFilterPrefix is not null
            ? $"Didn't find a registered implementation for '{filter.Name}' with type URL: '{config.Descriptor.FullName}'"
            : $"HTTP filter {config.Descriptor.FullName} is not implemented yet";
        if (isOptional)
            context.Config.Warning(filter, "typed_config", $"{text}; it is optional and left out");
        else
            context.Config.Error(filter, "typed_config", text);
        return null;
    }

    /// <summary>The terminal filter stands last, and only there.</summary>
    private static bool CheckEnd(HttpFilterChain chain, List<HttpFilterFactory> factories, FactoryContext context)
    {
        for (var i = 0; i < factories.Count; i++)
        {
            var (factory, isLast) = (factories[i], i == factories.Count - 1);
            if (isLast && factory.IsDisabled)
                return Fail($"Error: the last (terminal) filter ({factory.Name}) in the chain cannot be disabled by default.");
            if (EndFault(factory, isLast, chain.Kind) is { } fault)
                return Fail(fault);
        }

        return factories.Count > 0;

        bool Fail(string text)
        {
            context.Config.Error(chain.At, chain.Field, text);
            return false;
        }
    }

    private static string? EndFault(HttpFilterFactory factory, bool isLast, string kind = "http") => (factory.IsTerminal, isLast) switch
    {
        (true, false) => $"Error: terminal filter named {factory.Name} of type {factory.Name} must be the last filter in a {kind} filter chain.",
        (false, true) => $"Error: non-terminal filter named {factory.Name} of type {factory.Name} is the last filter in a {kind} filter chain.",
        _ => null,
    };
}
