using System.Text;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>
/// What an endpoint's envoy.lb metadata must be: the metadata_match of a route, or one combination of values that endpoints
/// have. Immutable; any thread. One object per route, so that balancers remember what it leads to.
/// </summary>
internal sealed class MetadataCriteria
{
    /// <summary>The metadata that load balancing goes by.</summary>
    public const string FilterName = "envoy.lb";

    private readonly SortedDictionary<string, Value> _values;

    public MetadataCriteria(IEnumerable<KeyValuePair<string, Value>> values)
    {
        _values = new SortedDictionary<string, Value>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
            _values[name] = value;
        Text = ToText(_values);
    }

    /// <summary>The criteria of metadata; null when it says nothing about load balancing.</summary>
    public static MetadataCriteria? Of(Metadata? metadata) =>
        metadata is not null && metadata.FilterMetadata.TryGetValue(FilterName, out var values) ? new MetadataCriteria(values.Fields) { IsShared = true } : null;

    /// <summary>What filters have set for load balancing, over what is configured.</summary>
    public static MetadataCriteria? Of(StreamInfo info, MetadataCriteria? configured)
    {
        if (info.DynamicMetadata.IsEmpty || info.DynamicMetadata.ToStruct(FilterName) is not { } values)
            return configured;
        return configured?.Merge(values.Fields) ?? new MetadataCriteria(values.Fields);
    }

    /// <summary>Names and values in order of the names: equal criteria have equal texts.</summary>
    public string Text { get; }

    /// <summary>Belongs to a route; false: made for one request, so that remembering it would be no use.</summary>
    public bool IsShared { get; init; }

    public IEnumerable<string> Names => _values.Keys;

    public Value? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>These, with others added or in place of those of the same names.</summary>
    public MetadataCriteria Merge(IEnumerable<KeyValuePair<string, Value>> others) => new(_values.Concat(others));

    /// <summary>Those of a weighted cluster over those of its route.</summary>
    public static MetadataCriteria? Merge(MetadataCriteria? ofRoute, MetadataCriteria? ofCluster) =>
        ofRoute is null || ofCluster is null ? ofRoute ?? ofCluster : new MetadataCriteria(ofRoute._values.Concat(ofCluster._values)) { IsShared = true };

    /// <summary>Only those of some names.</summary>
    public MetadataCriteria Only(IReadOnlyCollection<string> names) => new(_values.Where(value => names.Contains(value.Key)));

    public MetadataCriteria Without(string name) => new(_values.Where(value => value.Key != name));

    /// <summary>Whether an endpoint has all of them.</summary>
    /// <param name="listAsAny">A list of the endpoint matches any of its elements.</param>
    public bool IsMetBy(Endpoint endpoint, bool listAsAny)
    {
        if (_values.Count == 0)
            return true;
        if (endpoint.Metadata is not { } metadata || !metadata.FilterMetadata.TryGetValue(FilterName, out var has))
            return false;
        foreach (var (name, wanted) in _values)
        {
            if (!has.Fields.TryGetValue(name, out var value) || !IsEqual(value, wanted, listAsAny))
                return false;
        }
        return true;
    }

    private static bool IsEqual(Value value, Value wanted, bool listAsAny) =>
        value.Equals(wanted) || (listAsAny && value.KindCase == Value.KindOneofCase.ListValue && value.ListValue.Values.Contains(wanted));

    private static string ToText(IEnumerable<KeyValuePair<string, Value>> values)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in values)
        {
            Append(text, name);
            Append(text, value);
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, string part) => text.Append(part.Length).Append(':').Append(part);

    private static void Append(StringBuilder text, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StringValue:
                Append(text.Append('s'), value.StringValue);
                break;
            case Value.KindOneofCase.NumberValue:
                text.Append('n').Append(value.NumberValue.ToString("R", System.Globalization.CultureInfo.InvariantCulture)).Append(';');
                break;
            case Value.KindOneofCase.BoolValue:
                text.Append(value.BoolValue ? 't' : 'f');
                break;
            case Value.KindOneofCase.ListValue:
                text.Append('[');
                foreach (var element in value.ListValue.Values)
                    Append(text, element);
                text.Append(']');
                break;
            case Value.KindOneofCase.StructValue:
                text.Append('{').Append(ToText(value.StructValue.Fields.OrderBy(static field => field.Key, StringComparer.Ordinal))).Append('}');
                break;
            default:
                text.Append('0');
                break;
        }
    }
}
