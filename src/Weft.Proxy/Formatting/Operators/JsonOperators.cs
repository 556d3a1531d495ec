using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>A JSON object; fields without a value are null, or left out with omit_empty_values.</summary>
internal sealed class JsonObjectOperator((byte[] Key, FormatOperator Value)[] fields, bool omitEmptyValues) : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        output.Write((byte)'{');
        var isFirst = true;
        foreach (var (key, value) in fields)
        {
            var start = output.Length;
            if (!isFirst)
                output.Write((byte)',');
            output.Write(key);
            if (value.TryWrite(context, output))
                isFirst = false;
            else if (omitEmptyValues)
                output.Truncate(start);
            else
            {
                output.Write("null"u8);
                isFirst = false;
            }
        }

        output.Write((byte)'}');
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
