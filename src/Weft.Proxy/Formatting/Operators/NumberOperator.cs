using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>A number from the context; negative when there is none.</summary>
internal delegate long NumberSource(in FormatContext context);

/// <summary>A number that is not negative: decimal in text, a number in JSON.</summary>
internal sealed class NumberOperator(NumberSource source) : FormatOperator
{
    public override bool IsTyped => true;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var value = source(context);
        if (value < 0)
            return false;
        output.Write(value);
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output) => TryWrite(context, output);
}
