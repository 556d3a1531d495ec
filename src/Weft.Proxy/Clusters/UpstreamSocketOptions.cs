using Envoy.Config.Core.V3;

namespace Weft.Proxy.Clusters;

/// <summary>The socket options of upstream_bind_config, as system calls take them.</summary>
internal static class UpstreamSocketOptions
{
    private const int SolIp = 0;
    private const int IpFreebind = 15;

    /// <summary>freebind first, then socket_options of the state before binding; an outgoing socket has no later state.</summary>
    public static IReadOnlyList<Net.SocketOption> Compile(BindConfig config)
    {
        var options = new List<Net.SocketOption>();
        if (config.Freebind ?? false)
            options.Add(new Net.SocketOption(SolIp, IpFreebind, BitConverter.GetBytes(1)));
        foreach (var option in config.SocketOptions)
        {
            if (option.State == SocketOption.Types.SocketState.StatePrebind)
                options.Add(new Net.SocketOption((int)option.Level, (int)option.Name, Value(option)));
        }
        return options;
    }

    private static ReadOnlyMemory<byte> Value(SocketOption option) => option.ValueCase == SocketOption.ValueOneofCase.BufValue
        ? option.BufValue.Memory
        : BitConverter.GetBytes((int)option.IntValue);
}
