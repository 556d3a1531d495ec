using Envoy.Config.Core.V3;
using Envoy.Extensions.Network.DnsResolver.Cares.V3;
using Envoy.Extensions.Network.DnsResolver.Getaddrinfo.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Net;

namespace Weft.Proxy.Dns;

/// <summary>
/// A resolver as configured: Bootstrap's or a cluster's typed_dns_resolver_config, else dns_resolution_config, else the
/// cluster's dns_resolvers, else the system's. Immutable.
/// </summary>
public sealed record DnsResolverConfig
{
    internal const int Port = 53;

    /// <summary>Servers instead of those of resolv.conf; empty: none configured.</summary>
    public IReadOnlyList<NetAddress> Resolvers { get; init; } = [];

    /// <summary>Use <see cref="Resolvers"/> only when resolv.conf names no server. Default false.</summary>
    public bool UseResolversAsFallback { get; init; }

    /// <summary>Drop addresses of a family that no interface has. Default false.</summary>
    public bool FilterUnroutableFamilies { get; init; }

    /// <summary>Ask over TCP from the start. Default false.</summary>
    public bool UseTcp { get; init; }

    /// <summary>Do not append the system's search domains. Default false.</summary>
    public bool NoDefaultSearchDomain { get; init; }

    public string HostsPath { get; init; } = "/etc/hosts";

    public string ResolvConfPath { get; init; } = "/etc/resolv.conf";

    /// <summary>The process's resolver; faults are reported in the context.</summary>
    public static DnsResolverConfig Create(Envoy.Config.Bootstrap.V3.Bootstrap bootstrap, ConfigContext context)
    {
        if (bootstrap.TypedDnsResolverConfig?.TypedConfig is not null)
            return FromTyped(bootstrap.TypedDnsResolverConfig, context);
#pragma warning disable CS0612 // deprecated, still accepted
        if (bootstrap.DnsResolutionConfig is not null)
            return FromResolution(bootstrap.DnsResolutionConfig, context);
        return new DnsResolverConfig { UseTcp = bootstrap.UseTcpForDnsLookups };
#pragma warning restore CS0612
    }

    /// <summary>A cluster's own resolver; null when it uses the process's.</summary>
    public static DnsResolverConfig? Create(Envoy.Config.Cluster.V3.Cluster cluster, ConfigContext context)
    {
        if (cluster.TypedDnsResolverConfig?.TypedConfig is not null)
            return FromTyped(cluster.TypedDnsResolverConfig, context);
#pragma warning disable CS0612 // deprecated, still accepted
        if (cluster.DnsResolutionConfig is { Resolvers.Count: > 0 })
            return FromResolution(cluster.DnsResolutionConfig, context);
        if (cluster.DnsResolvers.Count == 0)
            return null;
        return new DnsResolverConfig { Resolvers = Addresses(cluster.DnsResolvers, context), UseTcp = cluster.UseTcpForDnsLookups };
#pragma warning restore CS0612
    }

    /// <summary>A resolver that only one field can name; null when it names none: then the process's is used.</summary>
    internal static DnsResolverConfig? Create(TypedExtensionConfig? typed, ConfigContext context) =>
        typed?.TypedConfig is null ? null : FromTyped(typed, context);

    /// <summary>The own resolver of the names of a dynamic forward proxy; null when it uses the process's.</summary>
    internal static DnsResolverConfig? Create(Envoy.Extensions.Common.DynamicForwardProxy.V3.DnsCacheConfig cache, ConfigContext context)
    {
        if (cache.TypedDnsResolverConfig?.TypedConfig is not null)
            return FromTyped(cache.TypedDnsResolverConfig, context);
#pragma warning disable CS0612 // deprecated, still accepted
        if (cache.DnsResolutionConfig is { Resolvers.Count: > 0 })
            return FromResolution(cache.DnsResolutionConfig, context);
        return cache.UseTcpForDnsLookups ? new DnsResolverConfig { UseTcp = true } : null;
#pragma warning restore CS0612
    }

    /// <summary>The own resolver of a DNS filter; null when it uses the process's.</summary>
    internal static DnsResolverConfig? Create(Envoy.Extensions.Filters.Udp.DnsFilter.V3.DnsFilterConfig.Types.ClientContextConfig client, ConfigContext context)
    {
        if (client.TypedDnsResolverConfig?.TypedConfig is not null)
            return FromTyped(client.TypedDnsResolverConfig, context);
#pragma warning disable CS0612 // deprecated, still accepted
        return client.DnsResolutionConfig is { Resolvers.Count: > 0 } resolution ? FromResolution(resolution, context) : null;
#pragma warning restore CS0612
    }

    private static DnsResolverConfig FromTyped(TypedExtensionConfig config, ConfigContext context)
    {
        switch (context.Unpack(config.TypedConfig))
        {
            case CaresDnsResolverConfig cares:
                return FromOptions(cares.DnsResolverOptions) with
                {
                    Resolvers = Addresses(cares.Resolvers, context),
                    UseResolversAsFallback = cares.UseResolversAsFallback,
                    FilterUnroutableFamilies = cares.FilterUnroutableFamilies,
                };
            case GetAddrInfoDnsResolverConfig or null:
                return new DnsResolverConfig();
            case IMessage other:
                context.Error(config, "typed_config", $"DNS resolver '{other.Descriptor.FullName}' is not available here", "CaresDnsResolverConfig");
                return new DnsResolverConfig();
        }
    }

    private static DnsResolverConfig FromResolution(DnsResolutionConfig config, ConfigContext context) =>
        FromOptions(config.DnsResolverOptions) with { Resolvers = Addresses(config.Resolvers, context) };

    private static DnsResolverConfig FromOptions(DnsResolverOptions? options) => new()
    {
        UseTcp = options?.UseTcpForDnsLookups ?? false,
        NoDefaultSearchDomain = options?.NoDefaultSearchDomain ?? false,
    };

    private static List<NetAddress> Addresses(IEnumerable<Address> configured, ConfigContext context)
    {
        var addresses = new List<NetAddress>();
        foreach (var address in configured)
        {
            if (address.SocketAddress is not { } socket)
                context.Error(address, null, $"DNS resolver '{address.Pipe?.Path}' is not an IP address");
            else if (!NetAddress.TryParseIP(socket.Address, socket.PortValue == 0 ? Port : (int)socket.PortValue, out var parsed))
                context.Error(socket, "address", $"malformed IP address: {socket.Address}");
            else
                addresses.Add(parsed);
        }
        return addresses;
    }
}
