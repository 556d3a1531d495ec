using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using RuntimeMessage = Envoy.Service.Runtime.V3.Runtime;

namespace Weft.Xds;

/// <summary>One kind of resource that is discovered: its type URL, and how its resources are named. Immutable; any thread.</summary>
public sealed class ResourceType
{
    private const string UrlPrefix = "type.googleapis.com/";

    private readonly Func<IMessage, string?> _name;

    private ResourceType(string shortName, string fullName, bool isComplete, Func<IMessage, string?> name)
    {
        (ShortName, FullName, IsComplete, _name) = (shortName, fullName, isComplete, name);
        TypeUrl = UrlPrefix + fullName;
    }

    public static ResourceType Clusters { get; } = new("CDS", "envoy.config.cluster.v3.Cluster", isComplete: true, static message => (message as Cluster)?.Name);

    public static ResourceType Endpoints { get; } = new("EDS", "envoy.config.endpoint.v3.ClusterLoadAssignment", isComplete: false, static message => (message as ClusterLoadAssignment)?.ClusterName);

    /// <summary>LEDS: endpoints of one locality. They are named by where they are sent, not by themselves.</summary>
    public static ResourceType LocalityEndpoints { get; } = new("LEDS", "envoy.config.endpoint.v3.LbEndpoint", isComplete: false, static message => message is LbEndpoint ? "" : null);

    public static ResourceType Listeners { get; } = new("LDS", "envoy.config.listener.v3.Listener", isComplete: true, static message => (message as Listener)?.Name);

    public static ResourceType Routes { get; } = new("RDS", "envoy.config.route.v3.RouteConfiguration", isComplete: false, static message => (message as RouteConfiguration)?.Name);

    public static ResourceType ScopedRoutes { get; } = new("SRDS", "envoy.config.route.v3.ScopedRouteConfiguration", isComplete: true, static message => (message as ScopedRouteConfiguration)?.Name);

    public static ResourceType VirtualHosts { get; } = new("VHDS", "envoy.config.route.v3.VirtualHost", isComplete: false, static message => (message as VirtualHost)?.Name);

    public static ResourceType Secrets { get; } = new("SDS", "envoy.extensions.transport_sockets.tls.v3.Secret", isComplete: false, static message => (message as Secret)?.Name);

    public static ResourceType Runtime { get; } = new("RTDS", "envoy.service.runtime.v3.Runtime", isComplete: false, static message => (message as RuntimeMessage)?.Name);

    public static ResourceType ExtensionConfigs { get; } = new("ECDS", "envoy.config.core.v3.TypedExtensionConfig", isComplete: false, static message => (message as TypedExtensionConfig)?.Name);

    /// <summary>In the order in which changes of them reach a client without a gap: what is referred to comes before what refers to it.</summary>
    public static IReadOnlyList<ResourceType> All { get; } = [Clusters, Endpoints, LocalityEndpoints, Listeners, ScopedRoutes, Routes, VirtualHosts, Secrets, Runtime, ExtensionConfigs];

    /// <summary>CDS, EDS, LDS, ...</summary>
    public string ShortName { get; }

    /// <summary>The message's full name.</summary>
    public string FullName { get; }

    public string TypeUrl { get; }

    /// <summary>A state-of-the-world response holds every resource: what is not in it is removed (LDS, CDS).</summary>
    public bool IsComplete { get; }

    /// <summary>Null when the URL is of no kind that is discovered.</summary>
    public static ResourceType? Find(string typeUrl)
    {
        foreach (var type in All)
        {
            if (type.TypeUrl == typeUrl)
                return type;
        }

        return null;
    }

    /// <summary>The name of a resource, "" when the message does not say it; null when it is of another type.</summary>
    public string? NameOf(IMessage message) => _name(message);

    public override string ToString() => ShortName;
}
