namespace Weft.Proxy.Bootstrap;

/// <summary>Where a cluster, a listener or a table of routes came from, for <c>/config_dump</c>. Immutable.</summary>
/// <param name="Version">version_info of the response it came in; "" when it stands in the bootstrap.</param>
/// <param name="IsDynamic">It came from a discovery service, which may change and remove it.</param>
/// <param name="UpdatedAt">When it was taken over.</param>
public sealed record ResourceOrigin(string Version, bool IsDynamic, DateTimeOffset UpdatedAt)
{
    /// <summary>Another cluster has made it, and removes it: discovery leaves it alone.</summary>
    public bool IsOwned { get; init; }

    /// <summary>Of what stands in the bootstrap.</summary>
    public static ResourceOrigin Static(DateTimeOffset at) => new("", false, at);
}
