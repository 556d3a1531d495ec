using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Router;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using HttpFilterMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpFilter;
using RouterMessage = Envoy.Extensions.Filters.Http.Router.V3.Router;

namespace Weft.Proxy.HttpFilters;

/// <summary>Which configuration message makes which HTTP filter. The type of the message decides, never the filter's name.</summary>
internal static class HttpFilterRegistry
{
    /// <summary>The factories of a connection manager's filters; null, with findings, when they cannot be made.</summary>
    public static HttpFilterFactory[]? Create(HcmMessage manager, FactoryContext context)
    {
        var factories = new List<HttpFilterFactory>();
        foreach (var filter in manager.HttpFilters)
        {
            if (!filter.Disabled && CreateOne(filter, manager, context) is { } factory)
                factories.Add(factory);
        }

        if (factories.Count != manager.HttpFilters.Count(filter => !filter.Disabled))
            return null;
        if (factories.Count > 0 && factories.FindIndex(factory => factory is RouterFilterFactory) == factories.Count - 1)
            return [.. factories];
        context.Config.Error(manager, "http_filters", factories.Count == 0
            ? "http_filters must end with a terminal filter: add envoy.filters.http.router"
            : $"Error: non-terminal filter named {manager.HttpFilters[^1].Name} is the last filter in a http filter chain.");
        return null;
    }

    private static HttpFilterFactory? CreateOne(HttpFilterMessage filter, HcmMessage manager, FactoryContext context)
    {
        switch (context.Config.Unpack(filter.TypedConfig))
        {
            case RouterMessage router:
                return RouterFilterFactory.Create(filter.Name, router, manager.StatPrefix, context);

            // The router needs no configuration: files that only name it are common.
            case null when filter.Name is "envoy.filters.http.router" or "envoy.router":
                return RouterFilterFactory.Create(filter.Name, new RouterMessage(), manager.StatPrefix, context);
            case IMessage other:
                context.Config.Error(filter, "typed_config", $"HTTP filter {other.Descriptor.FullName} is not implemented yet");
                return null;
            default:
                context.Config.Error(filter, "typed_config", $"Didn't find a registered implementation for '{filter.Name}' with type URL: ''");
                return null;
        }
    }
}
