using Google.Protobuf;

namespace Weft.Proxy.Routing;

/// <summary>A route's mention of a cluster.</summary>
/// <param name="Name">Of the cluster.</param>
/// <param name="At">The message that names it.</param>
/// <param name="Field">The field that names it.</param>
/// <param name="Kind">What it is referred to as: nothing, <c>"weighted "</c> or <c>"shadow "</c>.</param>
public sealed record ReferencedCluster(string Name, IMessage At, string Field, string Kind = "");
