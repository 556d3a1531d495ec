using Envoy.Config.Endpoint.V3;
using Envoy.Type.V3;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Clusters.HealthChecking;

namespace Weft.Proxy.Clusters;

/// <summary>A ClusterLoadAssignment as configured: the endpoints, or the names to find them by. Immutable.</summary>
public sealed class LoadAssignment
{
    public static readonly LoadAssignment Empty = new();

    public IReadOnlyList<LocalityAssignment> Localities { get; init; } = [];

    /// <summary>policy.overprovisioning_factor in percent; default 140.</summary>
    public uint OverprovisioningFactor { get; init; } = 140;

    /// <summary>policy.weighted_priority_health; default false.</summary>
    public bool WeightedPriorityHealth { get; init; }

    /// <summary>policy.drop_overloads: the share of requests that are refused; default 0.</summary>
    public double DropOverload { get; init; }

    /// <summary>What reports of load and <c>/config_dump</c> call those requests (category); default "".</summary>
    public string DropCategory { get; init; } = "";

    /// <summary>The same without what only those need who make endpoints of it.</summary>
    internal LoadAssignment WithoutEndpoints()
    {
        var weighted = Localities.Where(static locality => locality.Weight > 0).Select(static locality => locality.WithoutEndpoints()).ToArray();
        if (weighted.Length == 0 && OverprovisioningFactor == Empty.OverprovisioningFactor && !WeightedPriorityHealth && DropOverload == 0)
            return Empty;
        return new LoadAssignment { Localities = weighted, OverprovisioningFactor = OverprovisioningFactor, WeightedPriorityHealth = WeightedPriorityHealth, DropOverload = DropOverload, DropCategory = DropCategory };
    }

    /// <summary>The weights of the localities of a priority; those without a weight are left out.</summary>
    internal Dictionary<EndpointLocality, uint> LocalityWeightsOf(int priority)
    {
        var weights = new Dictionary<EndpointLocality, uint>();
        foreach (var locality in Localities)
        {
            if (locality.Priority == priority && locality.Weight > 0)
                weights[new EndpointLocality(locality.Region, locality.Zone, locality.SubZone)] = locality.Weight;
        }
        return weights;
    }

    internal static LoadAssignment Create(ClusterLoadAssignment? config, DiscoveryType discovery, ConfigContext context)
    {
        if (config is null)
            return Empty;
        return new LoadAssignment
        {
            Localities = [.. config.Endpoints.Select(locality => LocalityAssignment.Create(locality, discovery, context))],
            OverprovisioningFactor = config.Policy?.OverprovisioningFactor ?? 140,
            WeightedPriorityHealth = config.Policy?.WeightedPriorityHealth ?? false,
            DropOverload = DropOverloadOf(config.Policy, context),
            DropCategory = config.Policy?.DropOverloads is [var drops, ..] ? drops.Category : "",
        };
    }

    private static double DropOverloadOf(ClusterLoadAssignment.Types.Policy? policy, ConfigContext context)
    {
        if (policy is null || policy.DropOverloads.Count == 0)
            return 0;
        if (policy.DropOverloads.Count > 1)
            context.Error(policy, "drop_overloads", $"Cluster drop_overloads config has {policy.DropOverloads.Count} categories. Envoy only support one.");
        var percentage = policy.DropOverloads[0].DropPercentage ?? new FractionalPercent();
        var denominator = percentage.Denominator switch
        {
            FractionalPercent.Types.DenominatorType.TenThousand => 10_000,
            FractionalPercent.Types.DenominatorType.Million => 1_000_000,
            _ => 100,
        };
        var share = (double)percentage.Numerator / denominator;
        if (share > 1)
        {
            context.Error(policy.DropOverloads[0], "drop_percentage", string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"Cluster drop_overloads config is invalid. drop_ratio={share}(Numerator {percentage.Numerator} / Denominator {denominator}). The valid range is 0~1."));
        }

        return share;
    }
}

/// <summary>The endpoints of one locality at one priority. Immutable.</summary>
public sealed class LocalityAssignment
{
    public string Region { get; init; } = "";

    public string Zone { get; init; } = "";

    public string SubZone { get; init; } = "";

    public int Priority { get; init; }

    /// <summary>load_balancing_weight of the locality; 0: none given.</summary>
    public uint Weight { get; init; }

    /// <summary>For expressions (xds.upstream_host_locality_metadata); null: none given.</summary>
    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    public IReadOnlyList<EndpointAssignment> Endpoints { get; init; } = [];

    /// <summary>Where its endpoints are, and when they are used.</summary>
    internal (EndpointLocality Locality, int Priority) Place => (new EndpointLocality(Region, Zone, SubZone), Priority);

    internal LocalityAssignment WithoutEndpoints() => new() { Region = Region, Zone = Zone, SubZone = SubZone, Priority = Priority, Weight = Weight };

    internal static LocalityAssignment Create(LocalityLbEndpoints config, DiscoveryType discovery, ConfigContext context)
    {
        if (config.LedsClusterLocalityConfig is not null)
            context.Error(config, "leds_cluster_locality_config", "LEDS is only supported when EDS is used");
        var listed = config.LoadBalancerEndpoints?.LbEndpoints ?? config.LbEndpoints;
        var endpoints = new List<EndpointAssignment>(listed.Count);
        foreach (var endpoint in listed)
        {
            if (EndpointAssignment.Create(endpoint, discovery, context) is { } assignment)
                endpoints.Add(assignment);
        }
        return new LocalityAssignment
        {
            Region = config.Locality?.Region ?? "",
            Zone = config.Locality?.Zone ?? "",
            SubZone = config.Locality?.SubZone ?? "",
            Priority = (int)config.Priority,
            Weight = config.LoadBalancingWeight ?? 0,
            Metadata = config.Metadata,
            Endpoints = endpoints,
        };
    }
}

/// <summary>One LbEndpoint: an address, or a name with a port to be resolved. Immutable.</summary>
public sealed record EndpointAssignment
{
    /// <summary>An IP or Unix address; of kind None when <see cref="DnsName"/> is to be resolved.</summary>
    public NetAddress Address { get; init; }

    /// <summary>additional_addresses, families in turn beginning with the one that <see cref="Address"/> does not have (RFC 8305 section 4).</summary>
    public NetAddress[] AdditionalAddresses { get; init; } = [];

    /// <summary>STRICT_DNS and LOGICAL_DNS: the name (or IP literal) to resolve; else "".</summary>
    public string DnsName { get; init; } = "";

    public int Port { get; init; }

    /// <summary>endpoint.hostname; "" when not given.</summary>
    public string Hostname { get; init; } = "";

    public uint Weight { get; init; } = 1;

    public EndpointHealthFlags HealthFlags { get; init; }

    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    /// <summary>How it wants to be checked.</summary>
    public EndpointHealthCheck HealthCheck { get; init; } = EndpointHealthCheck.Default;

    /// <summary>Null, with a fault reported, when the address cannot be used.</summary>
    internal static EndpointAssignment? Create(LbEndpoint config, DiscoveryType discovery, ConfigContext context)
    {
        if (config.Endpoint?.Address is not { } address)
        {
            context.Error(config, "endpoint", "Address must be set");
            return null;
        }
        var isResolved = discovery is DiscoveryType.StrictDns or DiscoveryType.LogicalDns;
        var parsed = isResolved ? default : EndpointAddress.Parse(address, suggestDns: true, context);
        if (!isResolved && parsed.Kind == NetAddressKind.None)
            return null;
        if (isResolved && !IsResolvable(address, discovery, context))
            return null;
        return new EndpointAssignment
        {
            Address = parsed,
            AdditionalAddresses = Additional(config.Endpoint, parsed, isResolved, context),
            DnsName = isResolved ? address.SocketAddress.Address : "",
            Port = isResolved ? (int)address.SocketAddress.PortValue : parsed.Port,
            Hostname = config.Endpoint.Hostname,
            Weight = Math.Max(1, config.LoadBalancingWeight ?? 1),
            HealthFlags = config.HealthStatus.ToFlags(),
            Metadata = config.Metadata,
            HealthCheck = EndpointHealthCheck.Create(config.Endpoint.HealthCheckConfig, parsed, context),
        };
    }

    private static NetAddress[] Additional(Envoy.Config.Endpoint.V3.Endpoint config, NetAddress first, bool isResolved, ConfigContext context)
    {
        if (config.AdditionalAddresses.Count == 0)
            return [];
        if (isResolved)
        {
            context.Error(config, "additional_addresses", "additional_addresses need a cluster whose addresses are not resolved");
            return [];
        }

        var others = config.AdditionalAddresses.Select(one => EndpointAddress.Parse(one.Address, suggestDns: false, context)).Where(static one => one.Kind != NetAddressKind.None).ToArray();
        if (first.Kind == NetAddressKind.Internal || Array.Exists(others, static one => one.Kind == NetAddressKind.Internal))
            context.Error(config, "additional_addresses", "an endpoint with additional_addresses cannot have internal addresses");
        return InTurn(first, others);
    }

    /// <summary>Addresses to be tried after a first one: families in turn, beginning with the other (RFC 8305 section 4).</summary>
    internal static NetAddress[] InTurn(NetAddress first, IReadOnlyList<NetAddress> addresses)
    {
        if (addresses.Count == 0)
            return [];
        var same = new Queue<NetAddress>(addresses.Where(one => one.Kind == first.Kind));
        var other = new Queue<NetAddress>(addresses.Where(one => one.Kind != first.Kind));
        var ordered = new List<NetAddress>(addresses.Count);
        while (ordered.Count < addresses.Count)
        {
            if (other.TryDequeue(out var next))
                ordered.Add(next);
            if (same.TryDequeue(out next))
                ordered.Add(next);
        }

        return [.. ordered];
    }

    private static bool IsResolvable(Envoy.Config.Core.V3.Address address, DiscoveryType discovery, ConfigContext context)
    {
        var kind = discovery == DiscoveryType.StrictDns ? "STRICT_DNS" : "LOGICAL_DNS";
        if (address.SocketAddress is not { } socket)
        {
            context.Error(address, null, $"{kind} clusters need socket_address");
            return false;
        }
        if (socket.ResolverName.Length > 0)
        {
            context.Error(socket, "resolver_name", $"{kind} clusters must NOT have a custom resolver name set");
            return false;
        }
        return true;
    }
}
