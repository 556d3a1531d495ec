namespace Weft.Proxy.Routing;

/// <summary>Which route of a virtual host a compiled one is, for explanations and warnings. It does not hold the route's message, which is far larger.</summary>
/// <param name="Index">Its place among the host's routes.</param>
/// <param name="Name">As written; may be empty.</param>
/// <param name="Position">Where it stands; empty when that is not known.</param>
internal sealed record RouteOrigin(int Index, string Name, string Position)
{
    /// <summary>For example <c>route 2 "web" (envoy.yaml:30:9)</c>.</summary>
    public override string ToString()
        => $"route {Index}" + (Name.Length > 0 ? $" \"{Name}\"" : "") + (Position.Length > 0 ? $" ({Position})" : "");
}
