using System.Text;
using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Net;
using Versions = Envoy.Config.Core.V3.ProxyProtocolConfig.Types.Version;

namespace Weft.Proxy.TransportSockets.ProxyProtocol;

/// <summary>core.v3.ProxyProtocolConfig: which version of the PROXY protocol is written, with which values of the client's own header. Immutable; any thread.</summary>
/// <param name="config">Null: version 1.</param>
/// <param name="shortened">Counts headers of version 2 that do not hold all values; null: nothing does.</param>
internal sealed class ProxyHeaderFormat(ProxyProtocolConfig? config, Counter? shortened = null)
{
    private readonly TlvFilter _tlvs = new(config?.PassThroughTlvs);

    /// <summary>Version 2 is written, which can say that there is no client.</summary>
    public bool IsV2 { get; } = config?.Version == Versions.V2;

    /// <summary>added_tlvs.</summary>
    public AddedTlvs Added { get; } = AddedTlvs.Of(config?.AddedTlvs ?? []);

    /// <param name="client">Null: there is none to tell of.</param>
    /// <param name="added">Values that the client's own header does not bring; null: none.</param>
    public byte[] Write(ProxiedClient? client, AddedTlvs? added = null)
    {
        if (client is not null && !CanBeTold(client))
            client = null;
        return IsV2 ? ProxyHeaderWriter.WriteV2(client, _tlvs, added ?? AddedTlvs.None, shortened) : Encoding.ASCII.GetBytes(ProxyHeaderWriter.WriteV1(client));
    }

    /// <summary>Both addresses are IP, and of one family.</summary>
    private static bool CanBeTold(ProxiedClient client) =>
        client.Source.Kind == client.Destination.Kind && client.Source.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6;
}
