using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Weft.Api;

namespace Weft.Proxy.Expressions.Attributes;

/// <summary>Messages as values of expressions.</summary>
internal static class ProtoValues
{
    public static CelValue Of(in CelContext context, Value value) => value.KindCase switch
    {
        Value.KindOneofCase.BoolValue => CelValue.Of(value.BoolValue),
        Value.KindOneofCase.NumberValue => CelValue.Of(value.NumberValue),
        Value.KindOneofCase.StringValue => context.Scratch.String(value.StringValue),
        Value.KindOneofCase.ListValue => CelValue.Of(new ProtoList(value.ListValue)),
        Value.KindOneofCase.StructValue => CelValue.Of(new StructMap(value.StructValue)),
        _ => CelValue.Null,
    };

    /// <summary>A message as an object with fields; missing when null.</summary>
    public static CelValue OfMessage(IMessage? message) => message is null ? CelErrors.NoSuchKey : CelValue.Of(new MessageMap(message));

    /// <summary>What stands in a field, or in an element of one.</summary>
    public static CelValue OfField(in CelContext context, object? value) => value switch
    {
        null => CelValue.Null,
        bool flag => CelValue.Of(flag),
        int number => CelValue.Of((long)number),
        long number => CelValue.Of(number),
        uint number => CelValue.Of((ulong)number),
        ulong number => CelValue.Of(number),
        float number => CelValue.Of((double)number),
        double number => CelValue.Of(number),
        string text => context.Scratch.String(text),
        ByteString bytes => context.Scratch.Bytes(bytes.Span),
        Struct fields => CelValue.Of(new StructMap(fields)),
        Value inner => Of(context, inner),
        ListValue list => CelValue.Of(new ProtoList(list)),
        Duration duration => CelValue.Duration(duration.Seconds, duration.Nanos),
        Timestamp timestamp => CelValue.Timestamp(timestamp.Seconds, timestamp.Nanos),
        IMessage message => OfMessage(message),
        System.Collections.IDictionary map => CelValue.Of(new DictionaryMap(map)),
        System.Collections.IList list => CelValue.Of(new RepeatedList(list)),
        System.Enum number => CelValue.Of(Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture)),
        _ => CelErrors.NoOverload,
    };
}

/// <summary>A Struct.</summary>
internal sealed class StructMap(Struct fields) : CelMap
{
    public override CelValue Find(in CelContext context, in CelValue key) =>
        key.Kind == CelKind.String && fields.Fields.TryGetValue(System.Text.Encoding.UTF8.GetString(key.Text), out var value) ? ProtoValues.Of(context, value) : CelErrors.NoSuchKey;

    public override int Count(in CelContext context) => fields.Fields.Count;

    public override CelValue[] Keys(in CelContext context) => [.. fields.Fields.Keys.Select(CelValue.String)];
}

/// <summary>A map field whose keys are strings.</summary>
internal sealed class DictionaryMap(System.Collections.IDictionary map) : CelMap
{
    public override CelValue Find(in CelContext context, in CelValue key)
    {
        if (key.Kind != CelKind.String)
            return CelErrors.NoSuchKey;
        var name = System.Text.Encoding.UTF8.GetString(key.Text);
        return map.Contains(name) ? ProtoValues.OfField(context, map[name]) : CelErrors.NoSuchKey;
    }

    public override int Count(in CelContext context) => map.Count;

    public override CelValue[] Keys(in CelContext context) => [.. map.Keys.OfType<string>().Select(CelValue.String)];
}

/// <summary>A message: its fields by their names in the .proto file.</summary>
internal sealed class MessageMap(IMessage message) : CelMap
{
    /// <summary>Its messages are numbers and texts that may be null.</summary>
    private const string WrappersFile = "google/protobuf/wrappers.proto";

    /// <summary>A message field that is not set is an empty message, as in the language definition.</summary>
    public override CelValue Find(in CelContext context, in CelValue key)
    {
        if (Field(key) is not { } field)
            return CelErrors.NoSuchKey;
        var value = field.Accessor.GetValue(message);
        return value is null && field.FieldType == FieldType.Message && field.MessageType.File.Name != WrappersFile
            ? ProtoValues.OfField(context, ApiMessages.New(field.MessageType))
            : ProtoValues.OfField(context, value);
    }

    public override bool Has(in CelContext context, in CelValue key) => Field(key) is { } field && IsSet(field);

    public override int Count(in CelContext context) => 0;

    public override CelValue[] Keys(in CelContext context) => [];

    private FieldDescriptor? Field(in CelValue key) =>
        key.Kind == CelKind.String ? message.Descriptor.FindFieldByName(System.Text.Encoding.UTF8.GetString(key.Text)) : null;

    private bool IsSet(FieldDescriptor field)
    {
        if (field.HasPresence)
            return field.Accessor.HasValue(message);
        return field.Accessor.GetValue(message) switch
        {
            System.Collections.ICollection items => items.Count > 0,
            string text => text.Length > 0,
            ByteString bytes => bytes.Length > 0,
            bool flag => flag,
            var number => Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture) != 0,
        };
    }
}
