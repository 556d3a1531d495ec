using Google.Protobuf;
using Weft.Config;
using Weft.Net;
using CidrMessage = Envoy.Config.Core.V3.CidrRange;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A compiled CidrRange. Immutable; any thread; no allocation.</summary>
internal readonly record struct AddressRange
{
    private readonly NetAddress _network;
    private readonly int _bits;

    private AddressRange(NetAddress network, int bits) => (_network, _bits) = (network.Masked(bits), bits);

    /// <summary>Null, with a fault, when it is no range.</summary>
    /// <param name="text">The fault, given the range as it was written.</param>
    public static AddressRange? Create(CidrMessage config, ConfigContext context, Func<string, string> text)
        => Create(config, config.AddressPrefix, config.PrefixLen ?? 0, context, text);

    /// <summary>The same for another message with these fields.</summary>
    public static AddressRange? Create(IMessage at, string prefix, uint bits, ConfigContext context, Func<string, string> text)
    {
        if (NetAddress.TryParseIP(prefix, 0, out var address) && bits <= (address.Kind == NetAddressKind.IPv4 ? 32u : 128u))
            return new AddressRange(address, (int)bits);
        context.Error(at, "address_prefix", text($"{prefix}/{bits}"));
        return null;
    }

    /// <summary>The range with that length of prefix that an address is in.</summary>
    public static AddressRange Around(NetAddress address, int bits) => new(address, bits);

    /// <summary>Length of the prefix.</summary>
    public int Bits => _bits;

    public bool Contains(NetAddress address) => address.Kind == _network.Kind && address.Masked(_bits) == _network;
}
