using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Syntax;

namespace Weft.Config.Binding;

/// <summary>Free-form values (google.protobuf.Struct and its parts) from nodes, and back.</summary>
internal static class StructReader
{
    /// <summary>A mapping with any keys; <paramref name="overridden"/> hears of keys that stand twice.</summary>
    internal static Struct ReadStruct(MappingNode node, Action<MappingEntry> overridden)
    {
        var result = new Struct();
        foreach (var entry in LastEntries.Of(node, overridden)) result.Fields[entry.Key] = ReadValue(entry.Value, overridden);
        return result;
    }

    internal static ListValue ReadList(SequenceNode node, Action<MappingEntry> overridden)
    {
        var result = new ListValue();
        foreach (var item in node.Items) result.Values.Add(ReadValue(item, overridden));
        return result;
    }

    internal static Value ReadValue(Node node, Action<MappingEntry> overridden) => node switch
    {
        MappingNode mapping => new Value { StructValue = ReadStruct(mapping, overridden) },
        SequenceNode sequence => new Value { ListValue = ReadList(sequence, overridden) },
        ScalarNode { Kind: ScalarKind.Bool } scalar => Value.ForBool(scalar.Text == "true"),
        ScalarNode { Kind: ScalarKind.Number } scalar => Value.ForNumber(double.Parse(scalar.Text, CultureInfo.InvariantCulture)),
        ScalarNode { Kind: ScalarKind.String } scalar => Value.ForString(scalar.Text),
        _ => Value.ForNull(),
    };

    /// <summary>The nodes of a free-form value, so that it can be bound to a message; all at one position.</summary>
    internal static MappingNode ToNode(Struct value, SourcePosition position)
    {
        var node = new MappingNode(position);
        foreach (var (key, field) in value.Fields) node.Entries.Add(new MappingEntry(key, position, ToNode(field, position)));
        return node;
    }

    private static Node ToNode(Value value, SourcePosition position)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue: return ToNode(value.StructValue, position);
            case Value.KindOneofCase.ListValue:
                var list = new SequenceNode(position);
                list.Items.AddRange(value.ListValue.Values.Select(v => ToNode(v, position)));
                return list;
            case Value.KindOneofCase.BoolValue: return new ScalarNode(position, ScalarKind.Bool, value.BoolValue ? "true" : "false");
            case Value.KindOneofCase.NumberValue: return new ScalarNode(position, ScalarKind.Number, value.NumberValue.ToString("R", CultureInfo.InvariantCulture));
            case Value.KindOneofCase.StringValue: return new ScalarNode(position, ScalarKind.String, value.StringValue);
            default: return new ScalarNode(position, ScalarKind.Null, "");
        }
    }
}
