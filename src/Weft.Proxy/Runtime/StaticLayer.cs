using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Runtime;

/// <summary>Reads a layer that is written out as a mapping: static_layer, and the resources of RTDS.</summary>
internal static class StaticLayer
{
    /// <summary>Flattens the mapping into keys with dots. Keys with a value that is none (null, list) go to <paramref name="invalidKeys"/>.</summary>
    public static LayerValues Read(string name, Struct mapping, List<string> invalidKeys)
    {
        var values = new Dictionary<string, RuntimeValue>(StringComparer.Ordinal);
        foreach (var (key, value) in mapping.Fields) Add(values, key, value, invalidKeys);
        return new LayerValues(name, values);
    }

    private static void Add(Dictionary<string, RuntimeValue> values, string key, Value value, List<string> invalidKeys)
    {
        if (value.KindCase == Value.KindOneofCase.StructValue && !IsLeaf(value.StructValue))
        {
            foreach (var (field, inner) in value.StructValue.Fields) Add(values, $"{key}.{field}", inner, invalidKeys);
        }
        else if (RuntimeValue.FromProto(value) is { } leaf)
        {
            values[key] = leaf;
        }
        else
        {
            invalidKeys.Add(key);
        }
    }

    private static bool IsLeaf(Struct mapping)
        => mapping.Fields.Count == 0 || mapping.Fields.ContainsKey("numerator") || mapping.Fields.ContainsKey("denominator");
}
