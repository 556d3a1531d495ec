using System.Buffers.Binary;
using Weft.Config;
using Weft.Net;
using CidrMessage = Envoy.Config.Core.V3.CidrRange;
using Message = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.InternalAddressConfig;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>internal_address_config: which clients are internal; without ranges, private and loopback addresses. Immutable; any thread.</summary>
internal sealed class InternalAddresses
{
    private readonly bool _unixSockets;
    private readonly Range[] _ranges = [];

    public InternalAddresses(Message? config, ConfigContext context)
    {
        if (config is null) return;
        _unixSockets = config.UnixSockets;
        _ranges = [.. config.CidrRanges.Select(range => Compile(range, context)).OfType<Range>()];
    }

    public bool Contains(NetAddress address)
    {
        if (address.Kind == NetAddressKind.Unix) return _unixSockets;
        if (_ranges.Length == 0) return address.IsInternal;
        foreach (var range in _ranges)
        {
            if (range.Contains(address)) return true;
        }

        return false;
    }

    private static Range? Compile(CidrMessage config, ConfigContext context)
    {
        var bits = config.PrefixLen ?? 0;
        if (NetAddress.TryParseIP(config.AddressPrefix, 0, out var address) && bits <= (address.Kind == NetAddressKind.IPv4 ? 32u : 128u))
            return new Range(address, (int)bits);
        context.Error(config, "address_prefix", $"invalid CIDR range {config.AddressPrefix}/{bits}");
        return null;
    }

    private sealed class Range
    {
        private readonly NetAddressKind _kind;
        private readonly UInt128 _mask;
        private readonly UInt128 _prefix;

        public Range(NetAddress address, int bits)
        {
            _kind = address.Kind;
            var width = _kind == NetAddressKind.IPv4 ? 32 : 128;
            _mask = bits == 0 ? 0 : UInt128.MaxValue << (width - bits);
            _prefix = Number(address) & _mask;
        }

        public bool Contains(NetAddress address) => address.Kind == _kind && (Number(address) & _mask) == _prefix;

        private static UInt128 Number(NetAddress address)
        {
            Span<byte> bytes = stackalloc byte[16];
            return address.TryWriteIP(bytes) == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
        }
    }
}
