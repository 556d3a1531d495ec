using Envoy.Extensions.Matching.InputMatchers.Ip.V3;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Matching.InputMatchers;

/// <summary>envoy.matching.matchers.ip: the value is an address in one of some ranges. What is no address is counted as <c>STAT_PREFIX.ip_parsing_failed</c>.</summary>
internal sealed class IpInputMatcher(Ip config, FactoryContext context) : InputMatcher
{
    private readonly AddressRanges _ranges = AddressRanges.Create(config.CidrRanges, context.Config);
    private readonly Counter _notParsed = context.Stats.Scope(config.StatPrefix + ".").Counter("ip_parsing_failed");

    public override bool IsMatch(in MatchValue value, in MatchData data)
    {
        if (value.IsPresent != MatchOutcome.Yes || value.Bytes.IsEmpty) return false;
        if (NetAddress.TryParseIP(value.Bytes, out var address)) return _ranges.Contains(address);
        _notParsed.Inc();
        return false;
    }

    public override string ToString() => $"in {config.CidrRanges}";
}
