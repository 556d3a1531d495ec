using Envoy.Config.Route.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.XdsClient.OnDemand;

namespace Weft.Proxy.Routing;

/// <summary>Where a connection manager finds its routes: one table for ever, the newest that was discovered, or one for each scope of requests.</summary>
internal class RouteSource(RouteTable? table)
{
    private RouteTable? _current = table;

    /// <summary>Routes that are written out in the configuration of a connection manager; faults are reported in the context.</summary>
    public static RouteSource Written(RouteConfiguration routes, IReadOnlyList<HttpFilterFactory>? filters, FactoryContext context)
    {
        if (routes.Vhds is { } vhds)
            context.Config.Error(vhds, null, "vhds needs routes that are discovered: use rds");
        var table = RouteTable.Create(routes, context, filters);
        // Static clusters are loaded before listeners.
        if (context.ClusterExists is { } exists)
            table.CheckClusters(exists, byDefault: true, context.Config);
        return new RouteSource(table);
    }

    /// <summary>Null: there are no routes (yet), or not the same for all requests. Any thread; a request sees a new table as soon as it is set.</summary>
    public RouteTable? Current
    {
        get => Volatile.Read(ref _current);
        protected set => Volatile.Write(ref _current, value);
    }

    /// <summary>The table of a request; null: there is none (yet). Any thread, without allocation.</summary>
    public virtual RouteTable? For(HeaderMap headers) => Current;

    /// <summary>Asks for routes that the request lacks, where they are given on demand. Worker thread.</summary>
    /// <param name="headers">The request's.</param>
    /// <param name="wait">Hears once whether routes have come.</param>
    /// <returns>False: nothing can be had, and <paramref name="wait"/> hears nothing.</returns>
    public virtual bool Request(HeaderMap headers, OnDemandWait wait) => false;
}
