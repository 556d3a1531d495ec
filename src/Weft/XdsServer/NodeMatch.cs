using Envoy.Config.Core.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using StringMatcher = Weft.Proxy.Routing.Matching.StringMatcher;
using ValueMatcher = Weft.Proxy.Routing.Matching.ValueMatcher;

namespace Weft.XdsServer;

/// <summary>Which clients a question is about: those that one of its matchers fits; all of them when there is none. Immutable.</summary>
internal sealed class NodeMatch
{
    private readonly Alternative[] _alternatives;

    private NodeMatch(IEnumerable<NodeMatcher> matchers, ConfigContext context) => _alternatives = [.. matchers.Select(matcher => new Alternative(matcher, context))];

    /// <summary>Null, with the reason, when a matcher cannot be used.</summary>
    public static NodeMatch? Create(IEnumerable<NodeMatcher> matchers, out string fault)
    {
        var context = new ConfigContext();
        var match = new NodeMatch(matchers, context);
        fault = string.Join("; ", context.Findings.Errors.Select(static error => error.Text));
        return context.Findings.HasErrors ? null : match;
    }

    public bool Fits(Node node) => _alternatives.Length == 0 || Array.Exists(_alternatives, one => one.Fits(node));

    /// <summary>A matcher: id and all of the metadata.</summary>
    private sealed class Alternative(NodeMatcher matcher, ConfigContext context)
    {
        private readonly StringMatcher? _id = matcher.NodeId is null ? null : StringMatcher.Create(matcher.NodeId, context);

        private readonly (string[] Path, ValueMatcher Value)[] _metadata =
            [.. matcher.NodeMetadatas.Select(one => (one.Path.Select(static segment => segment.Key).ToArray(), new ValueMatcher(one.Value ?? new(), context)))];

        public bool Fits(Node node) => _id?.IsMatch(System.Text.Encoding.UTF8.GetBytes(node.Id)) != false && Array.TrueForAll(_metadata, one => one.Value.IsMatch(Find(node.Metadata, one.Path)));

        private static Value? Find(Struct? metadata, string[] path)
        {
            Value? found = null;
            var inner = metadata;
            foreach (var key in path)
            {
                found = inner is null ? null : inner.Fields.TryGetValue(key, out var value) ? value : null;
                inner = found?.StructValue;
            }

            return found;
        }
    }
}
