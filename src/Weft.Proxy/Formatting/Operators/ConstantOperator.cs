using System.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>Text that is always the same: what stands between operators, and operators whose value is known from the start.</summary>
internal sealed class ConstantOperator(byte[] text) : FormatOperator
{
    public ConstantOperator(string text)
        : this(Encoding.UTF8.GetBytes(text))
    {
    }

    public byte[] Text => text;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        output.Write(text);
        return true;
    }
}
