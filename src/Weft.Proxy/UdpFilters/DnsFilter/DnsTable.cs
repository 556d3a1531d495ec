using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns;
using DomainMessage = Envoy.Data.Dns.V3.DnsTable.Types.DnsVirtualDomain;
using ServiceMessage = Envoy.Data.Dns.V3.DnsTable.Types.DnsService;
using TableMessage = Envoy.Data.Dns.V3.DnsTable;
using TargetMessage = Envoy.Data.Dns.V3.DnsTable.Types.DnsServiceTarget;

namespace Weft.Proxy.UdpFilters.DnsFilter;

/// <summary>The names that are answered for here. Immutable; any thread; looking up allocates nothing.</summary>
internal sealed class DnsTable
{
    private readonly Dictionary<string, DnsDomain> _domains = new(StringComparer.Ordinal);
    private readonly HashSet<string> _suffixes = new(StringComparer.Ordinal);

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    public static DnsTable Create(TableMessage config, FactoryContext context)
    {
        var table = new DnsTable();
        foreach (var domain in config.VirtualDomains)
            table.Add(domain, context);
        return table;
    }

    /// <summary>Something is known below the last two labels of the name, so others need not be asked.</summary>
    public bool Knows(ReadOnlySpan<char> name) => _suffixes.GetAlternateLookup<ReadOnlySpan<char>>().Contains(SuffixOf(name));

    /// <summary>The domain of a name, or the longest wildcard that covers it; null when there is none.</summary>
    public DnsDomain? Find(ReadOnlySpan<char> name)
    {
        var domains = _domains.GetAlternateLookup<ReadOnlySpan<char>>();
        while (true)
        {
            if (domains.TryGetValue(name, out var domain))
                return domain;
            // A wildcard is known by its dot and what follows.
            var dot = name.Length == 0 ? -1 : name[1..].IndexOf('.');
            if (dot < 0)
                return null;
            name = name[(dot + 1)..];
        }
    }

    private void Add(DomainMessage config, FactoryContext context)
    {
        var name = config.Name.ToLowerInvariant().TrimEnd('.');
        if (name.StartsWith("*.", StringComparison.Ordinal))
            name = name[1..];
        var ttl = config.AnswerTtl is { } wanted ? (uint)wanted.Seconds : 300;
        _suffixes.Add(SuffixOf(name).ToString());
        switch (config.Endpoint?.EndpointConfigCase)
        {
            case TableMessage.Types.DnsEndpoint.EndpointConfigOneofCase.AddressList:
                AddAddresses(name, ttl, config, context);
                break;
            case TableMessage.Types.DnsEndpoint.EndpointConfigOneofCase.ClusterName:
                // The first one counts.
                _domains.TryAdd(name, new DnsDomain { TtlSeconds = ttl, Cluster = context.Clusters.Get(config.Endpoint.ClusterName) });
                break;
            case TableMessage.Types.DnsEndpoint.EndpointConfigOneofCase.ServiceList:
                foreach (var service in config.Endpoint.ServiceList.Services)
                    AddService(name, service, context);
                break;
        }
    }

    /// <summary>Addresses of one name may stand in several entries.</summary>
    private void AddAddresses(string name, uint ttl, DomainMessage config, FactoryContext context)
    {
        var addresses = new List<NetAddress>();
        foreach (var text in config.Endpoint.AddressList.Address)
        {
            if (NetAddress.TryParseIP(text, 0, out var address))
                addresses.Add(address);
            else
                context.Config.Error(config.Endpoint.AddressList, "address", $"malformed IP address: {text}");
        }

        _domains[name] = _domains.GetValueOrDefault(name) is { } same
            ? same with { Addresses = [.. same.Addresses, .. addresses] }
            : new DnsDomain { TtlSeconds = ttl, Addresses = addresses };
    }

    private void AddService(string domain, ServiceMessage service, FactoryContext context)
    {
        var protocol = ProtocolOf(service.Protocol);
        if (protocol.Length == 0)
        {
            context.Config.Warning(service, "protocol", "the service is left out: the protocol has no name");
            return;
        }

        var name = $"{Underscored(service.ServiceName)}.{Underscored(protocol)}.{domain.TrimStart('.')}".ToLowerInvariant();
        var targets = service.Targets.Select(target => TargetOf(target, context)).Where(static target => target.Wire is not null);
        _domains.TryAdd(name, new DnsDomain { TtlSeconds = (uint)(service.Ttl?.Seconds ?? 300), Targets = [.. targets] });
    }

    private static DnsServiceTarget TargetOf(TargetMessage target, FactoryContext context)
    {
        var isCluster = target.EndpointTypeCase == TargetMessage.EndpointTypeOneofCase.ClusterName;
        var name = isCluster ? target.ClusterName : target.HostName;
        if (DnsName.TryParse(name, out var wire))
            return new DnsServiceTarget(name.ToLowerInvariant().TrimEnd('.'), wire.Wire.ToArray(), isCluster ? context.Clusters.Get(name) : null, target.Priority, target.Weight, (int)target.Port);
        context.Config.Error(target, isCluster ? "cluster_name" : "host_name", $"'{name}' is no domain name");
        return default;
    }

    private static string Underscored(string label) => label.StartsWith('_') ? label : '_' + label;

    /// <summary>The numbers of IANA that services go by.</summary>
    private static string ProtocolOf(TableMessage.Types.DnsServiceProtocol? protocol) => protocol?.ProtocolConfigCase switch
    {
        TableMessage.Types.DnsServiceProtocol.ProtocolConfigOneofCase.Name => protocol.Name,
        TableMessage.Types.DnsServiceProtocol.ProtocolConfigOneofCase.Number => protocol.Number switch { 1 => "icmp", 6 => "tcp", 17 => "udp", 33 => "dccp", 132 => "sctp", 136 => "udplite", _ => "" },
        _ => "",
    };

    private static ReadOnlySpan<char> SuffixOf(ReadOnlySpan<char> name)
    {
        var last = name.LastIndexOf('.');
        var second = last <= 0 ? -1 : name[..last].LastIndexOf('.');
        return name[(second + 1)..];
    }
}
