using System.Text;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Formatting;

/// <summary>
/// Compiles the template of a JSON format. A string that is one operator keeps the type of its value (numbers, null when there is
/// none); any other string with operators stays a string; everything else is copied. Keys come out in order.
/// </summary>
internal sealed class JsonFormatBuilder(FormatParser parser, bool omitEmptyValues)
{
    private bool _hasFault;

    /// <summary>Null after a fault.</summary>
    public FormatOperator? Build(Struct template)
    {
        var result = BuildStruct(template);
        return _hasFault ? null : result;
    }

    private JsonObjectOperator BuildStruct(Struct template)
    {
        var fields = template.Fields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => BuildField(field.Key, field.Value));
        return new JsonObjectOperator([.. fields], omitEmptyValues);
    }

    private JsonField BuildField(string key, Value value)
    {
        var built = BuildValue(value);
        var text = built is JsonTypedOperator { Inner: { IsTyped: false } inner } ? inner : null;
        var prefix = new ByteWriter();
        prefix.Write((byte)',');
        JsonText.WriteString(prefix, Encoding.UTF8.GetBytes(key));
        prefix.Write(text is null ? ":"u8 : ":\""u8);
        return new JsonField(prefix.Written.ToArray(), text ?? built, text is not null);
    }

    private FormatOperator BuildValue(Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue:
                return BuildStruct(value.StructValue);
            case Value.KindOneofCase.ListValue:
                return new JsonArrayOperator([.. value.ListValue.Values.Select(BuildValue)], omitEmptyValues);
            case Value.KindOneofCase.StringValue when value.StringValue.Contains('%', StringComparison.Ordinal):
                return BuildString(value.StringValue);
            default:
                var constant = new ByteWriter();
                JsonValue.Write(constant, value);
                return new ConstantOperator(constant.Written.ToArray());
        }
    }

    private FormatOperator BuildString(string format)
    {
        if (parser.Parse(format) is { } pieces)
            return pieces.Length == 1 ? new JsonTypedOperator(pieces[0]) : new JsonStringOperator(pieces, omitEmptyValues);
        _hasFault = true;
        return new MissingOperator();
    }
}
