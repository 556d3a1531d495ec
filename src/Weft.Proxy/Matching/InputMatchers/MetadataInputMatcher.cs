using Weft.Config;
using Weft.Proxy.Matching.Inputs;
using Weft.Proxy.Routing.Matching;
using MetadataMessage = Envoy.Extensions.Matching.InputMatchers.Metadata.V3.Metadata;

namespace Weft.Proxy.Matching.InputMatchers;

/// <summary>envoy.matching.matchers.metadata_matcher: a value of dynamic metadata is what is asked for, or with <c>invert</c> is not.</summary>
/// <param name="input">Finds the value; null where the input is another, which is reported.</param>
internal sealed class MetadataInputMatcher(MetadataMessage config, MetadataInput? input, ConfigContext context) : InputMatcher
{
    // Without one the API's own rules report it.
    private readonly ValueMatcher? _value = config.Value is { } value ? new ValueMatcher(value, context) : null;

    public override string InputType => MetadataInput.Type;

    public override bool IsMatch(in MatchValue value, in MatchData data) => _value is not null && input is not null && _value.IsMatch(input.Find(data)) != config.Invert;

    public override string ToString() => (config.Invert ? "not " : "") + config.Value;
}
