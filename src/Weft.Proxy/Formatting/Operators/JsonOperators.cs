using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>One field of a JSON object. Text stands in quotes that belong to the object, so that they are written with its neighbours.</summary>
/// <param name="Prefix">A comma, the key, a colon, and a quote before text.</param>
/// <param name="Value">Writes the value, or the inside of the quotes.</param>
/// <param name="IsText">The value stands in quotes.</param>
internal readonly record struct JsonField(byte[] Prefix, FormatOperator Value, bool IsText);

/// <summary>A JSON object; fields without a value are null, or left out with omit_empty_values.</summary>
internal sealed class JsonObjectOperator(JsonField[] fields, bool omitEmptyValues) : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        output.Write((byte)'{');
        var isFirst = true;
        foreach (ref readonly var field in fields.AsSpan())
        {
            var start = output.Length;
            output.Write(isFirst ? field.Prefix.AsSpan(1) : field.Prefix);
            if (!TryWriteValue(field, context, output))
            {
                if (omitEmptyValues)
                {
                    output.Truncate(start);
                    continue;
                }

                if (field.IsText)
                    output.Truncate(output.Length - 1);
                output.Write("null"u8);
            }

            isFirst = false;
        }

        output.Write((byte)'}');
        return true;
    }

    private static bool TryWriteValue(in JsonField field, in FormatContext context, ByteWriter output)
    {
        if (!field.IsText)
            return field.Value.TryWrite(context, output);
        if (!field.Value.TryWriteEscaped(context, output))
            return false;
        output.Write((byte)'"');
        return true;
    }
}

/// <summary>A JSON array; elements without a value are null, or left out with omit_empty_values.</summary>
internal sealed class JsonArrayOperator(FormatOperator[] elements, bool omitEmptyValues) : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        output.Write((byte)'[');
        var isFirst = true;
        foreach (var element in elements)
        {
            var start = output.Length;
            if (!isFirst)
                output.Write((byte)',');
            if (element.TryWrite(context, output))
                isFirst = false;
            else if (omitEmptyValues)
                output.Truncate(start);
            else
            {
                output.Write("null"u8);
                isFirst = false;
            }
        }

        output.Write((byte)']');
        return true;
    }
}

/// <summary>The value of one operator with its type.</summary>
internal sealed class JsonTypedOperator(FormatOperator inner) : FormatOperator
{
    public FormatOperator Inner => inner;

    public override bool TryWrite(in FormatContext context, ByteWriter output) => inner.TryWriteJson(context, output);
}

/// <summary>A string made of several operators; a missing value is "-" in it, or nothing with omit_empty_values.</summary>
internal sealed class JsonStringOperator(FormatOperator[] pieces, bool omitEmptyValues) : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        output.Write((byte)'"');
        foreach (var piece in pieces)
        {
            if (!piece.TryWriteEscaped(context, output) && !omitEmptyValues)
                output.Write((byte)'-');
        }

        output.Write((byte)'"');
        return true;
    }
}
