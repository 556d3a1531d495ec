using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>An operator that never has a value here.</summary>
internal sealed class MissingOperator : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output) => false;
}
