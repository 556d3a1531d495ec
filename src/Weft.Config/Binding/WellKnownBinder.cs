using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Syntax;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>Binds the well-known types that have a text form of their own: durations, times, wrappers, free-form values, field masks.</summary>
internal sealed class WellKnownBinder(ConfigContext context)
{
    /// <summary>The value, or null after reporting what is wrong. A wrapper comes as the plain value unless it must not be <paramref name="boxed"/> so.</summary>
    internal object? Read(MessageSchema schema, Node node, FieldPath here, bool boxed = true) => schema.Form switch
    {
        MessageForm.Duration => ReadDuration(node, here),
        MessageForm.Timestamp => ReadTimestamp(node, here),
        MessageForm.FieldMask => ReadFieldMask(node, here),
        MessageForm.Wrapper => boxed ? ReadScalar(schema.Fields[0].Descriptor, node, here) : ReadWrapper(schema, node, here),
        MessageForm.Struct => node is MappingNode mapping ? StructReader.ReadStruct(mapping, e => LastEntries.Warn(context, e, here.Field(e.Key))) : Fail(node, here, "a mapping"),
        MessageForm.ListValue => node is SequenceNode sequence ? StructReader.ReadList(sequence, e => LastEntries.Warn(context, e, here.Field(e.Key))) : Fail(node, here, "a list"),
        MessageForm.Value => StructReader.ReadValue(node, e => LastEntries.Warn(context, e, here.Field(e.Key))),
        _ => null,
    };

    private object? ReadDuration(Node node, FieldPath here)
    {
        if (node is not ScalarNode scalar) return Fail(node, here, "a duration");
        if (scalar.Kind != ScalarKind.String || TimeText.ParseDuration(scalar.Text) is not { } duration)
            return Fail(node, here, "a duration in seconds", TimeText.SuggestDuration(scalar.Text));
        if (TimeText.Fault(duration) is not { } fault) return duration;
        Report(node, here, fault);
        return null;
    }

    private object? ReadTimestamp(Node node, FieldPath here)
        => node is ScalarNode { Kind: ScalarKind.String } scalar && TimeText.ParseTimestamp(scalar.Text) is { } time
            ? time
            : Fail(node, here, "a point in time such as 2024-01-31T12:00:00Z");

    private object? ReadFieldMask(Node node, FieldPath here)
    {
        if (node is not ScalarNode { Kind: ScalarKind.String or ScalarKind.Null } scalar) return Fail(node, here, "field paths separated by commas");
        var mask = new FieldMask();
        mask.Paths.AddRange(scalar.Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(SnakeCase));
        return mask;
    }

    private static string SnakeCase(string path)
        => string.Concat(path.Select(static c => char.IsAsciiLetterUpper(c) ? $"_{char.ToLowerInvariant(c)}" : c.ToString()));

    private object? ReadScalar(FieldDescriptor field, Node node, FieldPath here)
    {
        if (node is not ScalarNode scalar) return Fail(node, here, ScalarReader.Expected(field.FieldType));
        var (value, fault, suggestion) = ScalarReader.Read(field.FieldType, null, scalar);
        if (fault is not null) Report(node, here, fault, suggestion);
        return value;
    }

    private IMessage? ReadWrapper(MessageSchema schema, Node node, FieldPath here)
    {
        if (ReadScalar(schema.Fields[0].Descriptor, node, here) is not { } value) return null;
        var wrapper = schema.NewMessage();
        schema.Fields[0].Set(wrapper, value);
        return wrapper;
    }

    private object? Fail(Node node, FieldPath here, string expected, string? suggestion = null)
    {
        Report(node, here, $"expected {expected}, found {node.Describe()}", suggestion);
        return null;
    }

    private void Report(Node node, FieldPath here, string text, string? suggestion = null)
        => context.Findings.Add(new Finding(Severity.Error, node.Position, here.ToString(), text, suggestion));
}
