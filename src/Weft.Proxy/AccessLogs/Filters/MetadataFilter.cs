using Weft.Config;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>metadata_filter: a value that a filter has attached to the request is as it must be; without such a value match_if_key_not_found decides.</summary>
internal sealed class MetadataFilter(Envoy.Config.Accesslog.V3.MetadataFilter config, ConfigContext context) : AccessLogFilter
{
    private readonly string _namespace = config.Matcher?.Filter ?? "";
    private readonly string[] _path = [.. config.Matcher?.Path.Select(static segment => segment.Key) ?? []];
    private readonly ValueMatcher? _value = config.Matcher?.Value is { } value ? new ValueMatcher(value, context) : null;
    private readonly bool _passesWithoutKey = config.MatchIfKeyNotFound ?? true;

    public override bool Passes(in FormatContext request)
    {
        var value = request.Info.DynamicMetadata.Find(_namespace, _path);
        return value.Kind == MetadataKind.None ? _passesWithoutKey : _value?.IsMatch(value) ?? false;
    }
}
