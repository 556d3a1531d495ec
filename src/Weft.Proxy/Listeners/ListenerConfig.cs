using System.Buffers.Binary;
using Envoy.Config.Core.V3;
using Weft.Net;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Listeners.ListenerFilters;
using Weft.Proxy.Overload;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Listeners;

/// <summary>One listener as configured, validated. Immutable, shared by all workers.</summary>
public sealed class ListenerConfig
{
    /// <summary>Default of per_connection_buffer_limit_bytes: 1 MiB.</summary>
    public const int DefaultBufferLimitBytes = 1024 * 1024;

    public required Envoy.Config.Listener.V3.Listener Source { get; init; }

    /// <summary>The configured name, else the address, so that it can be told apart in logs.</summary>
    public required string Name { get; init; }

    /// <summary>The main address first, then additional_addresses, as configured (a port may be 0 here).</summary>
    public required IReadOnlyList<NetAddress> Addresses { get; init; }

    public required FilterChainSet FilterChains { get; init; }

    /// <summary>What looks at connections before they get a filter chain, in order.</summary>
    public ListenerFilterFactory[] ListenerFilters { get; init; } = [];

    /// <summary>Time for a client to say enough for <see cref="ListenerFilters"/>; default 15,000; 0: no limit.</summary>
    public long ListenerFiltersTimeoutMs { get; init; } = 15_000;

    /// <summary>After that time the connection goes on with what is known, else it is closed.</summary>
    public bool ContinuesOnListenerFiltersTimeout { get; init; }

    /// <summary>How each of <see cref="Addresses"/> is bound.</summary>
    public required IReadOnlyList<ListenOptions> ListenOptions { get; init; }

    public required AccessLogger[] AccessLogs { get; init; }

    public required ListenerStats Stats { get; init; }

    public int BufferLimitBytes { get; init; } = DefaultBufferLimitBytes;

    /// <summary>internal_listener: it takes connections of this process's own clusters, on the worker that makes them.</summary>
    public bool IsInternal { get; init; }

    /// <summary>bind_to_port; default true. A listener that does not bind only takes connections handed to it.</summary>
    public bool BindToPort { get; init; } = true;

    /// <summary>max_connections_to_accept_per_socket_event; 0: the socket's default.</summary>
    public int MaxAcceptsPerTurn { get; init; }

    /// <summary>For datagrams; null: for connections.</summary>
    internal UdpListenerConfig? Udp { get; init; }

    /// <summary>use_original_dst: a connection that was redirected here goes to the listener at the address it was on its way to, if there is one.</summary>
    public bool UsesOriginalDst { get; init; }

    /// <summary>traffic_direction is INBOUND.</summary>
    public bool IsInbound { get; init; }

    /// <summary>ignore_global_conn_limit.</summary>
    public bool IgnoreGlobalLimit { get; init; }

    /// <summary>What the overload manager says to it; nothing with bypass_overload_manager.</summary>
    internal OverloadState Overload { get; init; } = OverloadState.Quiet;

    /// <summary>Runtime key of this listener's connection limit.</summary>
    public string ConnectionLimitKey => $"envoy.resource_limits.listener.{Name}.connection_limit";

    /// <summary>Compiles; faults are reported in the context and null is returned when there is nothing to listen with.</summary>
    /// <param name="former">The chains of the listener that is updated in place; null: there is none.</param>
    public static ListenerConfig? Create(Envoy.Config.Listener.V3.Listener source, FactoryContext context, FilterChainSet? former = null)
    {
        var addresses = new List<NetAddress>();
        var options = new List<ListenOptions>();
        AddAddresses(source, addresses, options, context);
        if (source.BypassOverloadManager)
            context = context with { Overload = OverloadState.Quiet };
        context.TrafficDirection = source.TrafficDirection;
        if (addresses.Count == 0)
            return null;
        var name = source.Name.Length > 0 ? source.Name : addresses[0].ToString();
        var isInternal = InternalListenerRules.IsInternal(source);
        if (source.EnableMptcp && !isInternal)
            CheckMultipath(source, name, addresses, context);
        var place = isInternal ? $"envoy_internal_{source.Name}" : addresses[0].ToString();
        var stats = new ListenerStats(context.Stats, source.StatPrefix.Length > 0 ? source.StatPrefix : place, context.Concurrency);
        context = context with { ListenerStatPrefix = stats.Scope.Prefix };
        var udp = UdpListenerConfig.IsUdp(source) ? UdpListenerConfig.Create(source, name, context) : null;
        var chains = udp is null ? new FilterChainCompiler(name, stats.Scope, former, context).Create(source) : FilterChainSet.None;
        if (chains is null)
            return null;
        return new ListenerConfig
        {
            Source = source,
            Name = name,
            Addresses = addresses,
            FilterChains = chains,
            Udp = udp,
            ListenerFilters = udp is not null ? [] : ListenerFilterRegistry.Create(source, name, stats.Scope, context),
            ListenerFiltersTimeoutMs = source.ListenerFiltersTimeout.ToMs(15_000),
            ContinuesOnListenerFiltersTimeout = source.ContinueOnListenerFiltersTimeout,
            ListenOptions = options,
            AccessLogs = AccessLogger.Create(source.AccessLog, context),
            Stats = stats,
            BufferLimitBytes = (int)Math.Min(source.PerConnectionBufferLimitBytes ?? DefaultBufferLimitBytes, int.MaxValue),
#pragma warning disable CS0612 // the deprecated place of the same field
            BindToPort = !isInternal && (source.BindToPort ?? source.DeprecatedV1?.BindToPort ?? true),
#pragma warning restore CS0612
            IsInternal = isInternal,
            UsesOriginalDst = source.UseOriginalDst ?? false,
            MaxAcceptsPerTurn = (int)(source.MaxConnectionsToAcceptPerSocketEvent ?? 0),
            IsInbound = source.TrafficDirection == TrafficDirection.Inbound,
            IgnoreGlobalLimit = source.IgnoreGlobalConnLimit,
            Overload = context.Overload,
        };
    }

    private static void AddAddresses(Envoy.Config.Listener.V3.Listener source, List<NetAddress> addresses, List<ListenOptions> options, FactoryContext context)
    {
        if (InternalListenerRules.IsInternal(source))
        {
            if (InternalListenerRules.AddressOf(source, context) is not { } own)
                return;
            addresses.Add(own);
            options.Add(ListenOptionsOf(source, null, []));
            return;
        }

        if (source.Address is null)
        {
            context.Config.Error(source, "address", "a listener needs an address");
            return;
        }

        AddAddress(source.Address, ListenOptionsOf(source, source.Address.SocketAddress, source.SocketOptions), addresses, options, context);
        foreach (var additional in source.AdditionalAddresses)
        {
            var socketOptions = additional.SocketOptions?.SocketOptions ?? source.SocketOptions;
            var how = ListenOptionsOf(source, additional.Address?.SocketAddress, socketOptions);
            AddAddress(additional.Address, additional.TcpKeepalive is null ? how : how with { KeepAlive = KeepAliveOf(additional.TcpKeepalive) }, addresses, options, context);
        }
    }

    private static void CheckMultipath(Envoy.Config.Listener.V3.Listener source, string name, List<NetAddress> addresses, FactoryContext context)
    {
        if (UdpListenerConfig.IsUdp(source))
            context.Config.Error(source, "enable_mptcp", $"listener {name}: enable_mptcp can only be used with TCP listeners");
        else if (addresses.Exists(static address => address.Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6)))
            context.Config.Error(source, "enable_mptcp", $"listener {name}: enable_mptcp can only be used with IP addresses");
        else if (!ListenSocket.SupportsMultipath())
            context.Config.Error(source, "enable_mptcp", $"listener {name}: enable_mptcp is set but MPTCP is not supported by the operating system");
    }

    private static void AddAddress(Address? address, ListenOptions how, List<NetAddress> addresses, List<ListenOptions> options, FactoryContext context)
    {
        if (!AddressReader.TryRead(address, context.Config, out var result, how.IsUdp))
            return;
        addresses.Add(result);
        options.Add(how);
    }

    private static ListenOptions ListenOptionsOf(Envoy.Config.Listener.V3.Listener source, SocketAddress? address, IEnumerable<Envoy.Config.Core.V3.SocketOption> socketOptions) => new()
    {
#pragma warning disable CS0612 // reuse_port is the deprecated name of enable_reuse_port
        ReusePort = source.EnableReusePort ?? true,
#pragma warning restore CS0612
        Backlog = (int)(source.TcpBacklogSize ?? 4096),
        FreeBind = source.Freebind ?? false,
        Transparent = source.Transparent ?? false,
        IPv4Compat = address?.Ipv4Compat ?? false,
        FastOpenQueueLength = (int)(source.TcpFastOpenQueueLength ?? 0),
        KeepAlive = KeepAliveOf(source.TcpKeepalive),
        SocketOptions = SocketOptionsOf(socketOptions),
        IsMultipath = source.EnableMptcp,
        IsUdp = UdpListenerConfig.IsUdp(source),
    };

    /// <summary>tcp_keepalive as the socket layer takes it; null: none.</summary>
    internal static TcpKeepAlive? KeepAliveOf(TcpKeepalive? source) =>
        source is null ? null : new TcpKeepAlive((int?)source.KeepaliveProbes, (int?)source.KeepaliveTime, (int?)source.KeepaliveInterval);

    /// <summary>Envoy's socket options as the socket layer takes them.</summary>
    internal static IReadOnlyList<Weft.Net.SocketOption> SocketOptionsOf(IEnumerable<Envoy.Config.Core.V3.SocketOption> options)
    {
        var result = new List<Weft.Net.SocketOption>();
        foreach (var option in options)
        {
            var value = option.BufValue.ToByteArray();
            if (option.ValueCase == Envoy.Config.Core.V3.SocketOption.ValueOneofCase.IntValue)
            {
                value = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(value, (int)option.IntValue);
            }

            result.Add(new Weft.Net.SocketOption((int)option.Level, (int)option.Name, value));
        }

        return result;
    }
}
