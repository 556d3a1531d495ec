using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Syntax;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>
/// Binds nodes to messages: fields by name, in either spelling, with the leniencies of Envoy. Whatever cannot be bound is reported and
/// left out, so that one run finds every fault. Binding a second text to the same message merges it as protobuf does: scalars
/// override, messages merge, repeated fields grow.
/// </summary>
internal sealed class Binder(ReadOptions options, ConfigContext context, bool overlay)
{
    private readonly WellKnownBinder _wellKnown = new(context);
    private readonly ReadOptions _options = options;
    private readonly ConfigContext _context = context;

    // Inside of a merged text, what protobuf calls "not set" must not override; inside of an Any there is nothing to merge with.
    private bool _overlay = overlay;

    /// <summary>Binds a node to a message that exists already.</summary>
    internal void Bind(IMessage message, Node node, FieldPath path)
    {
        var schema = MessageSchema.Of(message);
        _context.Origins.Record(message, path, node.Position);
        if (node is not MappingNode mapping)
        {
            if (!node.IsNull) Report(node.Position, path, $"expected a mapping, found {node.Describe()}");
            return;
        }

        BindFields(message, schema, mapping, path, skipKey: null);
        FillExtension(message, schema, mapping);
    }

    // A configuration that is written but could not be bound has its fault already: a default in its place would have more.
    private void FillExtension(IMessage message, MessageSchema schema, MappingNode mapping)
    {
        if (schema.TypedConfig is not { } field) return;
        var isFaulty = field.Get(message) is null && mapping.Entries.Any(entry => !entry.Value.IsNull && schema.FindField(entry.Key) == field);
        if (!isFaulty) ExtensionDefaults.Fill(message, schema, _context.Origins);
    }

    private void BindFields(IMessage message, MessageSchema schema, MappingNode mapping, FieldPath path, string? skipKey)
    {
        var fields = new FieldSet(_context, path);
        foreach (var entry in mapping.Entries)
        {
            if (entry.Key == skipKey) continue;
            if (schema.FindField(entry.Key) is { } field) fields.Add(field, entry);
            else ReportUnknown(message, schema, entry, path);
        }

        foreach (var (field, entry) in fields.Chosen())
            BindField(message, field, entry, path);
    }

    private void BindField(IMessage message, FieldSchema field, MappingEntry entry, FieldPath path)
    {
        if (entry.Value.IsNull && !TakesNull(field)) return;
        bool bound;
        if (field.IsMap) bound = BindMap(message, field, entry.Value, path);
        else if (field.IsRepeated) bound = BindRepeated(message, field, entry.Value, path);
        else bound = BindSingular(message, field, entry.Value, path);
        _context.Origins.Mark(message, field.Name, entry.Position, failed: !bound);
    }

    // A null stands for "not set", except where null is a value.
    private static bool TakesNull(FieldSchema field)
        => !field.IsRepeated && !field.IsMap && (field.Message?.Form == MessageForm.Value
            || (field.Descriptor.FieldType == FieldType.Enum && field.Descriptor.EnumType.FullName == "google.protobuf.NullValue"));

    private bool BindSingular(IMessage message, FieldSchema field, Node node, FieldPath path)
    {
        var here = path.Field(field.Name);
        if (field.Message is { Form: MessageForm.Fields } schema)
        {
            var old = (IMessage?)field.Get(message);
            var inner = old ?? schema.NewMessage();
            Bind(inner, node, here);
            if (node is MappingNode && old is null) field.Set(message, inner);
            return node is MappingNode;
        }

        if (ReadValue(field.Descriptor, field.Message, node, here) is not { } value) return false;
        if (_overlay) value = Merged(message, field, value);
        if (value is not null) field.Set(message, value);
        return true;
    }

    // What protobuf's MergeFrom leaves of a new value: nothing when it is a default; free-form and time values merge part by part.
    private static object? Merged(IMessage message, FieldSchema field, object value)
    {
        if (field.IsMessage && field.Message!.Form != MessageForm.Wrapper)
        {
            if (field.Get(message) is not IMessage old) return value;
            if (value is Any any) return any.TypeUrl.Length > 0 ? any : null;
            old.MergeFrom(((IMessage)value).ToByteString());
            return old;
        }

        var override_ = field.Descriptor.HasPresence && (!field.IsMessage || field.Get(message) is null);
        return override_ || !FieldSchema.IsDefault(value) ? value : null;
    }

    private bool BindRepeated(IMessage message, FieldSchema field, Node node, FieldPath path)
    {
        var list = field.List(message);
        var whole = true;
        // One element may stand for a list of one.
        IReadOnlyList<Node> items = node is SequenceNode sequence && field.Message?.Form != MessageForm.ListValue ? sequence.Items : [node];
        var first = list.Count;
        for (var i = 0; i < items.Count; i++)
        {
            var here = path.Element(field.Name, first + i);
            if (ReadElement(field.Descriptor, field.Message, items[i], here) is { } value) list.Add(value);
            else whole = false;
        }

        return whole;
    }

    private bool BindMap(IMessage message, FieldSchema field, Node node, FieldPath path)
    {
        if (node is not MappingNode mapping)
        {
            Report(node.Position, path.Field(field.Name), $"expected a mapping, found {node.Describe()}");
            return false;
        }

        var map = field.Map(message);
        var (keyField, valueField) = (field.Descriptor.MessageType.FindFieldByNumber(1), field.Descriptor.MessageType.FindFieldByNumber(2));
        var valueSchema = valueField.FieldType == FieldType.Message ? MessageSchema.Of(valueField.MessageType) : null;
        var whole = true;
        foreach (var entry in LastEntries.Of(mapping, e => WarnDuplicate(e, path.Entry(field.Name, e.Key))))
        {
            var here = path.Entry(field.Name, entry.Key);
            var key = ReadScalar(keyField, new ScalarNode(entry.Position, ScalarKind.String, entry.Key), here);
            var value = ReadElement(valueField, valueSchema, entry.Value, here);
            if (key is not null && value is not null) map[key] = value;
            else whole = false;
        }

        return whole;
    }

    // An element of a list or a map: unlike a field it cannot be left out, so null is a fault.
    private object? ReadElement(FieldDescriptor field, MessageSchema? schema, Node node, FieldPath here)
    {
        if (node.IsNull && schema?.Form != MessageForm.Value)
        {
            Report(node.Position, here, "an element must not be empty");
            return null;
        }

        if (schema is not { Form: MessageForm.Fields }) return NotEmpty(ReadValue(field, schema, node, here), node, here);
        var inner = schema.NewMessage();
        Bind(inner, node, here);
        return node is MappingNode ? inner : null;
    }

    // Only beside an extension's name can an Any be left empty.
    private object? NotEmpty(object? value, Node node, FieldPath here)
    {
        if (value is not Any { TypeUrl.Length: 0 }) return value;
        Report(node.Position, here, AnyBinder.TypeIsMissing);
        return null;
    }

    private object? ReadValue(FieldDescriptor field, MessageSchema? schema, Node node, FieldPath here)
    {
        if (schema is null) return ReadScalar(field, node, here);
        return schema.Form == MessageForm.Any ? ReadAny(node, here) : _wellKnown.Read(schema, node, here);
    }

    private object? ReadScalar(FieldDescriptor field, Node node, FieldPath here)
    {
        if (node is ScalarNode scalar)
        {
            var (value, fault, suggestion) = ScalarReader.Read(field.FieldType, field.FieldType == FieldType.Enum ? field.EnumType : null, scalar);
            if (fault is not null) Report(node.Position, here, fault, suggestion);
            return value;
        }

        Report(node.Position, here, $"expected {ScalarReader.Expected(field.FieldType)}, found {node.Describe()}");
        return null;
    }

    private Any? ReadAny(Node node, FieldPath here)
    {
        var any = new AnyBinder(_context, BindInAny).Read(node, here);
        if (any is not null) _context.Origins.Record(any, here, node.Position);
        return any;
    }

    private void BindInAny(IMessage message, MessageSchema schema, MappingNode mapping, FieldPath path)
    {
        var outer = _overlay;
        _overlay = false;
        _context.Origins.Record(message, path, mapping.Position);
        if (schema.Form == MessageForm.Fields)
        {
            BindFields(message, schema, mapping, path, skipKey: "@type");
            FillExtension(message, schema, mapping);
        }
        else if (message is Any any && mapping.Find("value") is { } packed)
        {
            if (ReadAny(packed, path.Field("value")) is { } read) any.MergeFrom(read);
        }
        else if (mapping.Find("value") is { } value && _wellKnown.Read(schema, value, path.Field("value"), boxed: false) is IMessage known)
        {
            message.MergeFrom(known.ToByteString());
        }

        _overlay = outer;
    }

    private void ReportUnknown(IMessage message, MessageSchema schema, MappingEntry entry, FieldPath path)
    {
        var removed = Replacements.Default.ForRemoved(schema.Descriptor.FullName, entry.Key);
        var suggestion = removed is null ? Suggestion.For(entry.Key, schema.FieldNames) : null;
        var text = removed is null ? "unknown field" : $"unknown field; it was replaced by {removed}";
        if (_options.SeverityOfUnknownField() is { } severity)
            _context.Findings.Add(new Finding(severity, entry.Position, path.Field(entry.Key).ToString(), text, suggestion));
        // That the field which was meant is missing nobody needs to hear too, unless the fault is let pass.
        if (suggestion is not null && _options.UnknownFields == UnknownFields.Refused) _context.Origins.Mark(message, suggestion, entry.Position, failed: true);
    }

    private void WarnDuplicate(MappingEntry entry, FieldPath path) => LastEntries.Warn(_context, entry, path);

    private void Report(SourcePosition position, FieldPath path, string text, string? suggestion = null)
        => _context.Findings.Add(new Finding(Severity.Error, position, path.ToString(), text, suggestion));
}
