using Envoy.Config.Core.V3;

namespace Weft.Proxy.TransportSockets.ProxyProtocol;

/// <summary>pass_through_tlvs: which values of a PROXY header are passed on. Immutable; any thread.</summary>
internal sealed class TlvFilter(ProxyProtocolPassThroughTLVs? config)
{
    private readonly bool _all = config is { MatchType: ProxyProtocolPassThroughTLVs.Types.PassTLVsMatchType.IncludeAll };
    private readonly HashSet<uint> _types = [.. config?.TlvType ?? []];

    public bool Passes(byte type) => _all || _types.Contains(type);
}
