using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Streams;

/// <summary>A string (Envoy's envoy.string). Immutable.</summary>
public sealed class TextState(byte[] text) : FilterStateValue
{
    /// <summary>It is an address, <c>1.2.3.4:80</c> or <c>[::1]:80</c>, with the fields <c>ip</c> and <c>port</c>.</summary>
    public bool IsAddress { get; init; }

    public override byte[] Text => text;

    public override bool TryWriteField(string name, ByteWriter output)
    {
        var colon = text.AsSpan().LastIndexOf((byte)':');
        if (!IsAddress || colon < 0 || name is not ("ip" or "port"))
            return false;
        output.Write(name == "ip" ? text.AsSpan(0, colon).TrimStart((byte)'[').TrimEnd((byte)']') : text.AsSpan(colon + 1));
        return true;
    }

    public override IMessage ToMessage() => new StringValue { Value = Encoding.UTF8.GetString(text) };

    public override bool TryWriteJson(ByteWriter output)
    {
        JsonText.WriteString(output, text);
        return true;
    }
}
