using System.Text;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>key_log: secrets of connections between given addresses, in the SSLKEYLOGFILE format, for debugging.</summary>
internal static class TlsKeyLogFile
{
    /// <summary>Null when none is configured.</summary>
    public static Action<Connection, string>? Open(TlsKeyLog? config, FactoryContext context)
    {
        if (config is null)
            return null;
        var file = context.AccessLogFiles.Open(config.Path);
        var local = AddressRanges.Create(config.LocalAddressRange, context.Config);
        var remote = AddressRanges.Create(config.RemoteAddressRange, context.Config);
        return (connection, line) =>
        {
            if ((local.IsEmpty || local.Contains(connection.LocalAddress)) && (remote.IsEmpty || remote.Contains(connection.RemoteAddress)))
                file.Write(Encoding.ASCII.GetBytes(line + '\n'));
        };
    }
}
