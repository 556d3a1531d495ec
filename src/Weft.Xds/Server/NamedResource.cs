using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Xds.Server;

/// <summary>A resource with the name by which it is asked for. Immutable.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Name">In its canonical form.</param>
/// <param name="Body">The message.</param>
public readonly record struct NamedResource(ResourceType Type, string Name, Any Body)
{
    /// <summary>
    /// Of a message that says its own name, or of a <see cref="Resource"/> that names the message in it; null when it is none that is discovered.
    /// </summary>
    public static NamedResource? Of(IMessage message)
    {
        if (message is Resource named)
            return named.Resource_ is { } body && ResourceType.Find(body.TypeUrl) is { } type && named.Name.Length > 0 ? new NamedResource(type, XdsTpName.Canonical(named.Name), body) : null;
        foreach (var type in ResourceType.All)
        {
            if (type.NameOf(message) is { Length: > 0 } name)
                return new NamedResource(type, XdsTpName.Canonical(name), new Any { TypeUrl = type.TypeUrl, Value = message.ToByteString() });
        }

        return null;
    }
}
