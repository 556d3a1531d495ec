using Envoy.Config.Core.V3;
using Envoy.Config.Metrics.V3;
using Weft.Net;
using SpecifierCase = Envoy.Config.Metrics.V3.StatsdSink.StatsdSpecifierOneofCase;

namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>StatsdSink: as datagrams to an address (UDP, or a Unix socket), or by TCP through a cluster. Main thread.</summary>
internal static class StatsdSinkFactory
{
    /// <summary>Of a Unix socket (sockaddr_un).</summary>
    private const int MaxPathBytes = 107;

    public static StatsSink? Create(StatsdSink config, StatsSinkContext context)
    {
        var lines = new StatsdLines(config.Prefix);
        switch (config.StatsdSpecifierCase)
        {
            case SpecifierCase.Address:
                return CreateDatagram(config.Address, lines, 0, context);
            case SpecifierCase.TcpClusterName:
                return CreateTcp(config, lines, context);
            default:
                context.Factory.Config.Error(config, null, "one of address and tcp_cluster_name is required");
                return null;
        }
    }

    /// <summary>A sink of datagrams to a literal address; null after a fault.</summary>
    public static StatsSink? CreateDatagram(Address? address, StatsdLines lines, int maxDatagramBytes, StatsSinkContext context)
    {
        if (address?.AddressCase == Address.AddressOneofCase.Pipe)
            return CreateUnix(address.Pipe, lines, maxDatagramBytes, context);
        return TryRead(address, context, out var to) ? new UdpStatsdSink(lines, context.Main.Loop, to, maxDatagramBytes) : null;
    }

    private static UnixStatsdSink? CreateUnix(Pipe pipe, StatsdLines lines, int maxDatagramBytes, StatsSinkContext context)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(pipe.Path) <= MaxPathBytes)
            return new UnixStatsdSink(lines, pipe.Path, maxDatagramBytes);
        context.Factory.Config.Error(pipe, "path", $"Path \"{pipe.Path}\" exceeds maximum UNIX domain socket path size of {MaxPathBytes}.");
        return null;
    }

    private static TcpStatsdSink? CreateTcp(StatsdSink config, StatsdLines lines, StatsSinkContext context)
    {
        var factory = context.Factory;
        if (factory.Node.Id.Length == 0 || factory.Node.Cluster.Length == 0)
        {
            factory.Config.Error(config, null, "tcp statsd: node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.");
            return null;
        }

        if (factory.ClusterExists is { } exists && !exists(config.TcpClusterName))
        {
            factory.Config.Error(config, "tcp_cluster_name", $"tcp statsd: unknown cluster '{config.TcpClusterName}'");
            return null;
        }

        return new TcpStatsdSink(lines, factory.Clusters.Get(config.TcpClusterName), factory.Stats.Scope(""), context.Main);
    }

    private static bool TryRead(Address? address, StatsSinkContext context, out NetAddress result)
    {
        result = default;
        if (address?.AddressCase != Address.AddressOneofCase.SocketAddress)
        {
            if (address is not null)
                context.Factory.Config.Error(address, null, "a statsd sink needs a socket_address or a pipe");
            return false;
        }

        var socket = address.SocketAddress;
        if (NetAddress.TryParseIP(socket.Address, (int)socket.PortValue, out result))
            return true;
        context.Factory.Config.Error(socket, "address", $"malformed IP address: {socket.Address}");
        return false;
    }
}
