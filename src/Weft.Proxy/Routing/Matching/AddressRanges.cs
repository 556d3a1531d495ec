using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Net;

namespace Weft.Proxy.Routing.Matching;

/// <summary>Several ranges. Immutable; any thread.</summary>
internal sealed class AddressRanges(AddressRange[] ranges)
{
    public bool IsEmpty => ranges.Length == 0;

    /// <summary>Compiles; faults are reported in the context.</summary>
    public static AddressRanges Create(IEnumerable<CidrRange> config, ConfigContext context) => new(Compile(config, context));

    /// <summary>The ranges that are some; faults are reported in the context.</summary>
    public static AddressRange[] Compile(IEnumerable<CidrRange> config, ConfigContext context) =>
        [.. config.Select(range => AddressRange.Create(range, context, static text => $"invalid CIDR range {text}")).OfType<AddressRange>()];

    public bool Contains(NetAddress address)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address))
                return true;
        }

        return false;
    }
}
