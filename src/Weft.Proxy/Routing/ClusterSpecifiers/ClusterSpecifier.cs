using Weft.Proxy.Clusters;

namespace Weft.Proxy.Routing.ClusterSpecifiers;

/// <summary>A cluster specifier plugin: says for each request of a route which cluster it goes to. Immutable; any thread; no allocation.</summary>
internal abstract class ClusterSpecifier
{
    /// <summary>Null: to none.</summary>
    /// <param name="trail">Gets what was looked at, for a person; null on the path of requests.</param>
    public abstract ClusterReference? Select(in RouteRequest request, List<string>? trail = null);
}
