using Google.Protobuf.WellKnownTypes;

namespace Weft.Xds.Server;

/// <summary>One resource as it is sent. Immutable.</summary>
/// <param name="Name">Unique among those of its type.</param>
/// <param name="Version">Changes with the content.</param>
/// <param name="Body">The resource.</param>
public sealed record ServedResource(string Name, string Version, Any Body);
