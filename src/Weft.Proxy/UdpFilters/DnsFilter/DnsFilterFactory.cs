using System.Text;
using Envoy.Extensions.Filters.Udp.DnsFilter.V3;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Dns;
using Weft.Proxy.Routing;
using Weft.Proxy.Workers;
using ServerCase = Envoy.Extensions.Filters.Udp.DnsFilter.V3.DnsFilterConfig.Types.ServerContextConfig.ConfigSourceOneofCase;
using TableMessage = Envoy.Data.Dns.V3.DnsTable;

namespace Weft.Proxy.UdpFilters.DnsFilter;

/// <summary>envoy.filters.udp.dns_filter as configured. Immutable, shared by all workers.</summary>
internal sealed class DnsFilterFactory : UdpFilterFactory
{
    private const long MaxTableBytes = 64 * 1024 * 1024;

    public required DnsTable Table { get; init; }

    public required DnsFilterStats Stats { get; init; }

    /// <summary>Finds clusters by names that clients ask for.</summary>
    public required ClusterReferences Clusters { get; init; }

    /// <summary>Asks others for names that are not known here; null: they are not found.</summary>
    public ExternalLookups? External { get; init; }

    /// <summary>Compiles; faults are reported in the context.</summary>
    public static DnsFilterFactory Create(DnsFilterConfig config, FactoryContext context)
    {
        var table = TableOf(config, context.Config);
        return new DnsFilterFactory
        {
            Table = DnsTable.Create(table, context),
            Stats = new DnsFilterStats(context.Stats, config.StatPrefix),
            Clusters = context.Clusters,
            External = config.ClientConfig is { } client ? new ExternalLookups(ResolverOf(client, context), context.MainLoop)
            {
                TimeoutMs = client.ResolverTimeout.ToMs(500),
                Retries = (int)table.ExternalRetryCount,
                MaxPending = (long)Math.Min(client.MaxPendingLookups, long.MaxValue),
            } : null,
        };
    }

    public override UdpFilter Create(Worker worker) => new DnsFilter(this, worker);

    private static IDnsResolver ResolverOf(DnsFilterConfig.Types.ClientContextConfig client, FactoryContext context) =>
        DnsResolverConfig.Create(client, context.Config) is { } own ? new DnsResolver(context.MainLoop, own, context.Stats) : context.Dns;

    private static TableMessage TableOf(DnsFilterConfig config, ConfigContext context)
    {
        switch (config.ServerConfig?.ConfigSourceCase)
        {
            case ServerCase.InlineDnsTable:
                return config.ServerConfig.InlineDnsTable;
            case ServerCase.ExternalDnsTable when DataSourceReader.Read(config.ServerConfig.ExternalDnsTable, MaxTableBytes, context) is { } bytes:
                return ConfigReader.ReadText<TableMessage>(Encoding.UTF8.GetString(bytes), config.ServerConfig.ExternalDnsTable.Filename, new ReadOptions(), context);
            default:
                return new TableMessage();
        }
    }
}
