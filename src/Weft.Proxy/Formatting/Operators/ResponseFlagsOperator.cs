using System.Numerics;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>%RESPONSE_FLAGS% and %RESPONSE_FLAGS_LONG%: the names of the flags that are set, in the order of their bits; "-" when none is.</summary>
internal sealed class ResponseFlagsOperator(bool isLong) : FormatOperator
{
    private readonly byte[][] _names = isLong ? ResponseFlagNames.LongBytes : ResponseFlagNames.ShortBytes;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var flags = (ulong)context.Info.ResponseFlags;
        if (flags == 0)
        {
            output.Write((byte)'-');
            return true;
        }

        output.Write(_names[BitOperations.TrailingZeroCount(flags)]);
        while ((flags &= flags - 1) != 0)
        {
            output.Write((byte)',');
            output.Write(_names[BitOperations.TrailingZeroCount(flags)]);
        }

        return true;
    }
}
