using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Weft.Api;
using Weft.Config.Types;

namespace Weft.Config.Printing;

/// <summary>Walks over a message and hands its parts to a writer, in the form of the protobuf JSON mapping.</summary>
internal sealed class MessageWriter(IValueWriter writer, PrintOptions options)
{
    private const string Redacted = "[redacted]";

    internal void Write(IMessage message) => WriteMessage(message, MessageSchema.Of(message), secret: false);

    private void WriteMessage(IMessage message, MessageSchema schema, bool secret)
    {
        switch (schema.Form)
        {
            case MessageForm.Fields:
                writer.BeginMapping();
                WriteFields(message, schema, secret);
                writer.EndMapping();
                break;
            case MessageForm.Any: WriteAny((Any)message, secret); break;
            case MessageForm.Duration: writer.Text(TimeFormat.Duration((Duration)message)); break;
            case MessageForm.Timestamp: writer.Text(TimeFormat.Timestamp((Timestamp)message)); break;
            case MessageForm.FieldMask: writer.Text(string.Join(',', ((FieldMask)message).Paths.Select(CamelCase))); break;
            case MessageForm.Struct: WriteStruct((Struct)message, secret); break;
            case MessageForm.ListValue: WriteListValue((ListValue)message, secret); break;
            case MessageForm.Value: WriteValue((Value)message, secret); break;
            default: WriteScalar(schema.Fields[0].Descriptor, schema.Fields[0].Get(message)!, secret); break;
        }
    }

    private void WriteFields(IMessage message, MessageSchema schema, bool secret)
    {
        foreach (var field in schema.FieldsByNumber)
        {
            if (!IsShown(message, field)) continue;
            var hidden = secret || (options.Redacted && field.IsSensitive);
            if (hidden && IsDropped(field)) continue;
            writer.Key(field.Name);
            if (field.IsMap) WriteMap(message, field, hidden);
            else if (field.IsRepeated) WriteList(message, field, hidden);
            else WriteElement(field.Descriptor, field.Message, field.Get(message)!, hidden);
        }
    }

    private bool IsShown(IMessage message, FieldSchema field)
        => field.IsSet(message) || (options.AllFields && !field.Descriptor.HasPresence);

    // A secret that is no text is left out, as there is no way to hide it in place.
    private static bool IsDropped(FieldSchema field)
        => !field.IsMessage && field.Descriptor.FieldType is not (FieldType.String or FieldType.Bytes);

    private void WriteList(IMessage message, FieldSchema field, bool secret)
    {
        writer.BeginList();
        foreach (var item in field.List(message)) WriteElement(field.Descriptor, field.Message, item!, secret);
        writer.EndList();
    }

    private void WriteMap(IMessage message, FieldSchema field, bool secret)
    {
        var value = field.Descriptor.MessageType.FindFieldByNumber(2);
        var schema = value.FieldType == FieldType.Message ? MessageSchema.Of(value.MessageType) : null;
        writer.BeginMapping();
        foreach (DictionaryEntry entry in field.Map(message))
        {
            writer.Key(entry.Key is bool truth ? (truth ? "true" : "false") : Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!);
            WriteElement(value, schema, entry.Value!, secret);
        }

        writer.EndMapping();
    }

    private void WriteElement(FieldDescriptor field, MessageSchema? schema, object value, bool secret)
    {
        if (schema is null) WriteScalar(field, value, secret);
        // The accessors give what is in a wrapper, not the wrapper.
        else if (schema.Form == MessageForm.Wrapper && value is not IMessage) WriteScalar(schema.Fields[0].Descriptor, value, secret);
        else WriteMessage((IMessage)value, schema, secret);
    }

    private void WriteScalar(FieldDescriptor field, object value, bool secret)
    {
        switch (value)
        {
            case string text: writer.Text(secret ? Redacted : text); break;
            case ByteString bytes: writer.Text(secret ? Convert.ToBase64String("[redacted]"u8) : bytes.ToBase64()); break;
            case bool truth: writer.Bare(truth && !secret ? "true" : "false"); break;
            case long or ulong: writer.Text(Convert.ToString(value, CultureInfo.InvariantCulture)!); break;
            case double number: WriteNumber(number, number.ToString("R", CultureInfo.InvariantCulture)); break;
            case float number: WriteNumber(number, number.ToString("R", CultureInfo.InvariantCulture)); break;
            default:
                if (field.FieldType == FieldType.Enum) WriteEnum(field.EnumType, Convert.ToInt32(value, CultureInfo.InvariantCulture));
                else writer.Bare(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
        }
    }

    private void WriteNumber(double number, string text)
    {
        if (double.IsFinite(number)) writer.Bare(text.Replace('E', 'e'));
        else writer.Text(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
    }

    private void WriteEnum(EnumDescriptor type, int number)
    {
        if (type.FullName == "google.protobuf.NullValue") writer.Bare("null");
        else if (type.FindValueByNumber(number) is { } value) writer.Text(value.Name);
        else writer.Bare(number.ToString(CultureInfo.InvariantCulture));
    }

    private void WriteAny(Any any, bool secret)
    {
        writer.BeginMapping();
        if (any.TypeUrl.Length > 0)
        {
            writer.Key("@type");
            writer.Text(any.TypeUrl);
            WriteInner(any, secret);
        }

        writer.EndMapping();
    }

    private void WriteInner(Any any, bool secret)
    {
        if (Parse(any) is not { } inner)
        {
            writer.Key("value");
            writer.Text(secret ? Redacted : any.Value.ToBase64());
            return;
        }

        var schema = MessageSchema.Of(inner);
        if (schema.Form == MessageForm.Fields)
        {
            WriteFields(inner, schema, secret);
            return;
        }

        writer.Key("value");
        WriteMessage(inner, schema, secret);
    }

    private static IMessage? Parse(Any any)
    {
        try
        {
            return ApiTypes.Find(ApiTypes.NameOf(any.TypeUrl)) is { } type ? ApiMessages.Parse(type, any.Value) : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private void WriteStruct(Struct value, bool secret)
    {
        writer.BeginMapping();
        foreach (var (key, field) in value.Fields)
        {
            writer.Key(key);
            WriteValue(field, secret);
        }

        writer.EndMapping();
    }

    private void WriteListValue(ListValue value, bool secret)
    {
        writer.BeginList();
        foreach (var item in value.Values) WriteValue(item, secret);
        writer.EndList();
    }

    private void WriteValue(Value value, bool secret)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue: WriteStruct(value.StructValue, secret); break;
            case Value.KindOneofCase.ListValue: WriteListValue(value.ListValue, secret); break;
            case Value.KindOneofCase.StringValue: writer.Text(secret ? Redacted : value.StringValue); break;
            case Value.KindOneofCase.NumberValue when !secret: WriteNumber(value.NumberValue, value.NumberValue.ToString("R", CultureInfo.InvariantCulture)); break;
            case Value.KindOneofCase.BoolValue when !secret: writer.Bare(value.BoolValue ? "true" : "false"); break;
            default: writer.Bare("null"); break;
        }
    }

    private static string CamelCase(string path)
    {
        var words = path.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(static w => w.Length == 0 ? "" : char.ToUpperInvariant(w[0]) + w[1..]));
    }
}
