using Envoy.Extensions.Matching.InputMatchers.ConsistentHashing.V3;
using Envoy.Extensions.Matching.InputMatchers.Ip.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching.Inputs;
using Xds.Type.Matcher.V3;
using MetadataMessage = Envoy.Extensions.Matching.InputMatchers.Metadata.V3.Metadata;
using RuntimeFractionMessage = Envoy.Extensions.Matching.InputMatchers.RuntimeFraction.V3.RuntimeFraction;

namespace Weft.Proxy.Matching.InputMatchers;

/// <summary>Which configuration message makes which custom_match of a predicate. Main thread.</summary>
internal static class InputMatcherRegistry
{
    /// <summary>Null when there is none of that type.</summary>
    /// <param name="input">Whose values are matched.</param>
    public static InputMatcher? Create(IMessage config, MatchInput input, FactoryContext context) => config switch
    {
        CelMatcher cel => new CelInputMatcher(cel, context.Config),
        MetadataMessage metadata => new MetadataInputMatcher(metadata, input as MetadataInput, context.Config),
        Ip ip => new IpInputMatcher(ip, context),
        ConsistentHashing hashing => new ConsistentHashInputMatcher(hashing),
        RuntimeFractionMessage fraction => new RuntimeFractionInputMatcher(fraction),
        _ => null,
    };
}
