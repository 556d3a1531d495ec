using Envoy.Extensions.Matching.InputMatchers.ConsistentHashing.V3;
using Envoy.Extensions.Matching.InputMatchers.Ip.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using RuntimeFractionMessage = Envoy.Extensions.Matching.InputMatchers.RuntimeFraction.V3.RuntimeFraction;

namespace Weft.Proxy.Matching.InputMatchers;

/// <summary>Which configuration message makes which custom_match of a predicate. Main thread.</summary>
internal static class InputMatcherRegistry
{
    /// <summary>Null when there is none of that type.</summary>
    public static InputMatcher? Create(IMessage config, FactoryContext context) => config switch
    {
        Ip ip => new IpInputMatcher(ip, context),
        ConsistentHashing hashing => new ConsistentHashInputMatcher(hashing),
        RuntimeFractionMessage fraction => new RuntimeFractionInputMatcher(fraction),
        _ => null,
    };
}
