using RouteMessage = Envoy.Config.Route.V3.Route;

namespace Weft.Proxy.Routing;

/// <summary>Which route of a virtual host a compiled one is, for explanations and warnings.</summary>
/// <param name="Index">Its place among the host's routes.</param>
/// <param name="Message">As written.</param>
/// <param name="Position">Where it stands; empty when that is not known.</param>
internal sealed record RouteOrigin(int Index, RouteMessage Message, string Position)
{
    /// <summary>For example <c>route 2 "web" (envoy.yaml:30:9)</c>.</summary>
    public override string ToString()
        => $"route {Index}" + (Message.Name.Length > 0 ? $" \"{Message.Name}\"" : "") + (Position.Length > 0 ? $" ({Position})" : "");
}
