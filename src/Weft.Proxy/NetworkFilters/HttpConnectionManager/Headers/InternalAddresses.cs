using Weft.Config;
using Weft.Net;
using Weft.Proxy.Routing.Matching;
using Message = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.InternalAddressConfig;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>internal_address_config: which clients are internal; without ranges, private and loopback addresses. Immutable; any thread.</summary>
internal sealed class InternalAddresses
{
    private readonly bool _unixSockets;
    private readonly AddressRange[] _ranges = [];

    public InternalAddresses(Message? config, ConfigContext context)
    {
        if (config is null) return;
        _unixSockets = config.UnixSockets;
        _ranges = [.. config.CidrRanges.Select(range => AddressRange.Create(range, context, static text => $"invalid CIDR range {text}")).OfType<AddressRange>()];
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
}
