using Weft.Base.Hashing;
using Weft.Proxy.Routing.HashPolicies;
using Weft.Proxy.Streams;
using HashMessage = Envoy.Type.V3.HashPolicy;

namespace Weft.Proxy.NetworkFilters.TcpProxy;

/// <summary>hash_policy of a TcpProxy: what of a connection decides where consistent hashing sends it. Immutable; any thread.</summary>
internal sealed class ConnectionHash
{
    /// <summary>A name in the connection's filter state; null: the client's address.</summary>
    private readonly string? _filterStateKey;

    private ConnectionHash(string? filterStateKey) => _filterStateKey = filterStateKey;

    /// <summary>Null when there is none.</summary>
    public static ConnectionHash? Create(IReadOnlyList<HashMessage> policies) =>
        policies.Count == 0 ? null : new ConnectionHash(policies[0].FilterState?.Key);

    /// <summary>Null when the connection has nothing to hash.</summary>
    public ulong? Of(StreamInfo info)
    {
        if (_filterStateKey is null)
            return SourceIpHash.Of(info.DownstreamRemoteAddress);
        return info.FilterState.Find(_filterStateKey)?.Text is { } text ? XxHash64.Hash(text) : null;
    }
}
