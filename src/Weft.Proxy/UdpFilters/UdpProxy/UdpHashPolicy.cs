using System.Text;
using Weft.Base.Hashing;
using Weft.Net;
using PolicyCase = Envoy.Extensions.Filters.Udp.UdpProxy.V3.UdpProxyConfig.Types.HashPolicy.PolicySpecifierOneofCase;
using PolicyMessage = Envoy.Extensions.Filters.Udp.UdpProxy.V3.UdpProxyConfig.Types.HashPolicy;

namespace Weft.Proxy.UdpFilters.UdpProxy;

/// <summary>hash_policies: what a hashing balancer goes by. Immutable; any thread.</summary>
internal sealed class UdpHashPolicy
{
    private readonly ulong? _key;

    private UdpHashPolicy(PolicyMessage policy) =>
        _key = policy.PolicySpecifierCase == PolicyCase.Key ? XxHash64.Hash(Encoding.UTF8.GetBytes(policy.Key), 0) : null;

    /// <summary>Null without a policy: the balancer picks at random.</summary>
    public static UdpHashPolicy? Create(IReadOnlyList<PolicyMessage> policies) => policies is [var only, ..] ? new UdpHashPolicy(only) : null;

    public ulong HashOf(NetAddress client)
    {
        if (_key is { } key)
            return key;
        Span<byte> text = stackalloc byte[NetAddress.MaxTextBytes];
        return XxHash64.Hash(text[..client.Format(text, withPort: false)], 0);
    }
}
