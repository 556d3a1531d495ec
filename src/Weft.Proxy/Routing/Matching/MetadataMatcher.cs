using Weft.Config;
using Weft.Proxy.Streams;
using MetadataMatcherMessage = Envoy.Type.Matcher.V3.MetadataMatcher;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A compiled envoy.type.matcher.v3.MetadataMatcher over the dynamic metadata of a request. Immutable; any thread.</summary>
internal sealed class MetadataMatcher(MetadataMatcherMessage config, ConfigContext context)
{
    private readonly string[] _path = [.. config.Path.Select(static segment => segment.Key)];
    private readonly ValueMatcher? _value = config.Value is { } value ? new ValueMatcher(value, context) : null;
    private readonly string _namespace = config.Filter;
    private readonly bool _invert = config.Invert;

    public bool IsMatch(DynamicMetadata metadata) => (_value?.IsMatch(metadata.Find(_namespace, _path)) ?? false) != _invert;
}
