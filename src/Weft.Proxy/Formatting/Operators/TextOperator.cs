using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>Appends a text to the output; false, with nothing appended, when there is none.</summary>
internal delegate bool TextSource(in FormatContext context, ByteWriter output);

/// <summary>A text from the context.</summary>
internal sealed class TextOperator(TextSource source) : FormatOperator
{
    public override bool TryWrite(in FormatContext context, ByteWriter output) => source(context, output);
}
