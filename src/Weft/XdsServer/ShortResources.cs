namespace Weft.XdsServer;

/// <summary>The short form of <c>weft xds-server --resources FILE</c>: what a mesh of a few services needs to say. Immutable.</summary>
internal sealed record ShortResources(IReadOnlyList<ShortListener> Listeners, IReadOnlyList<ShortCluster> Clusters);

/// <summary>A port that serves HTTP.</summary>
internal sealed record ShortListener(string Name, string Address, uint Port, IReadOnlyList<ShortRoute> Routes);

/// <summary>Requests whose path begins with a prefix go to clusters, in equal shares.</summary>
internal sealed record ShortRoute(string Name, string Prefix, IReadOnlyList<string> Clusters);

/// <summary>A service.</summary>
internal sealed record ShortCluster(string Name, IReadOnlyList<ShortEndpoint> Endpoints);

/// <summary>One of its servers.</summary>
internal sealed record ShortEndpoint(string Address, uint Port);
