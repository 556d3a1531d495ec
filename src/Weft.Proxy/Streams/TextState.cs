using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Streams;

/// <summary>A string (Envoy's envoy.string). Immutable.</summary>
public sealed class TextState(byte[] text) : FilterStateValue
{
    public override byte[] Text => text;

    public override bool TryWriteJson(ByteWriter output)
    {
        JsonText.WriteString(output, text);
        return true;
    }
}
