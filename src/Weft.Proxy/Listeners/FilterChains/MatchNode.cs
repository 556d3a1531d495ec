using Weft.Net;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>
/// A step of filter_chain_match: it goes on with the most specific criterion that fits, and never back: when nothing fits further on, no chain does.
/// </summary>
internal abstract class MatchNode
{
    public abstract FilterChainConfig? Find(in FilterChainMatchInput input);
}

/// <summary>All criteria fit.</summary>
internal sealed class ChainNode(FilterChainConfig chain) : MatchNode
{
    public override FilterChainConfig? Find(in FilterChainMatchInput input) => chain;
}

/// <summary>destination_port or source_port; 0 stands for chains without.</summary>
internal sealed class PortNode(Dictionary<uint, MatchNode> ports, bool isSource) : MatchNode
{
    public override FilterChainConfig? Find(in FilterChainMatchInput input)
    {
        var address = isSource ? input.RemoteAddress : input.LocalAddress;
        var port = address.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6 ? (uint)address.Port : 0;
        return ports.TryGetValue(port, out var node) || ports.TryGetValue(0, out node) ? node.Find(input) : null;
    }
}

/// <summary>prefix_ranges, source_prefix_ranges or direct_source_prefix_ranges: the longest prefix first; null stands for chains without.</summary>
internal sealed class RangeNode(IEnumerable<KeyValuePair<AddressRange, MatchNode>> ranges, MatchNode? any, AddressField field) : MatchNode
{
    private readonly KeyValuePair<AddressRange, MatchNode>[] _ranges = [.. ranges.OrderByDescending(range => range.Key.Bits)];

    public override FilterChainConfig? Find(in FilterChainMatchInput input)
    {
        var address = field switch
        {
            AddressField.Destination => input.LocalAddress,
            AddressField.Source => input.RemoteAddress,
            _ => input.DirectRemoteAddress,
        };
        foreach (var (range, node) in _ranges)
        {
            if (range.Contains(address))
                return node.Find(input);
        }

        return any?.Find(input);
    }
}

/// <summary>Which address a <see cref="RangeNode"/> looks at.</summary>
internal enum AddressField : byte { Destination, Source, DirectSource }

/// <summary>server_names: exact, then the longest wildcard, then chains without.</summary>
internal sealed class ServerNameNode(Dictionary<string, MatchNode> exact, Dictionary<string, MatchNode> suffixes, MatchNode? any) : MatchNode
{
    private readonly Dictionary<string, MatchNode>.AlternateLookup<ReadOnlySpan<char>> _suffixes = suffixes.GetAlternateLookup<ReadOnlySpan<char>>();

    public override FilterChainConfig? Find(in FilterChainMatchInput input)
    {
        var name = input.ServerName;
        if (name.Length > 0 && exact.TryGetValue(name, out var node))
            return node.Find(input);
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_suffixes.TryGetValue(name.AsSpan(dot), out node))
                return node.Find(input);
        }

        return any?.Find(input);
    }
}

/// <summary>transport_protocol; empty stands for chains without.</summary>
internal sealed class TransportProtocolNode(Dictionary<string, MatchNode> protocols) : MatchNode
{
    public override FilterChainConfig? Find(in FilterChainMatchInput input) =>
        protocols.TryGetValue(input.TransportProtocol, out var node) || protocols.TryGetValue("", out node) ? node.Find(input) : null;
}

/// <summary>application_protocols, in the client's order; empty stands for chains without.</summary>
internal sealed class ApplicationProtocolNode(Dictionary<string, MatchNode> protocols) : MatchNode
{
    public override FilterChainConfig? Find(in FilterChainMatchInput input)
    {
        for (var i = 0; i < input.ApplicationProtocols.Count; i++)
        {
            if (protocols.TryGetValue(input.ApplicationProtocols[i], out var node))
                return node.Find(input);
        }

        return protocols.TryGetValue("", out var any) ? any.Find(input) : null;
    }
}

/// <summary>source_type: from this host, from elsewhere, or either.</summary>
internal sealed class SourceTypeNode(MatchNode? any, MatchNode? local, MatchNode? external) : MatchNode
{
    public override FilterChainConfig? Find(in FilterChainMatchInput input)
    {
        var own = local is null && external is null ? null : IsLocal(input) ? local : external;
        return (own ?? any)?.Find(input);
    }

    private static bool IsLocal(in FilterChainMatchInput input) =>
        input.RemoteAddress.Kind == NetAddressKind.Unix || input.RemoteAddress.IsLoopback || input.RemoteAddress.HasSameIP(input.LocalAddress);
}
