using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Weft.Api;

namespace Weft.Proxy.Admin;

/// <summary>The kinds of resources that a configuration dump wraps in an Any.</summary>
internal static class AnyTypes
{
    private static readonly MessageDescriptor[] Known =
    [
        Envoy.Config.Cluster.V3.Cluster.Descriptor,
        Envoy.Config.Listener.V3.Listener.Descriptor,
        Envoy.Config.Route.V3.RouteConfiguration.Descriptor,
        Envoy.Config.Endpoint.V3.ClusterLoadAssignment.Descriptor,
    ];

    /// <summary>The content, or null when it is of another kind.</summary>
    public static IMessage? Unpack(Any any)
    {
        var name = Any.GetTypeName(any.TypeUrl);
        return Array.Find(Known, descriptor => descriptor.FullName == name) is { } type ? ApiMessages.Parse(type, any.Value) : null;
    }
}
