using Weft.Base.Buffers;
using Weft.Net;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>An address from the context.</summary>
internal delegate NetAddress AddressSource(in FormatContext context);

/// <summary>Which part of an address is printed.</summary>
internal enum AddressPart : byte { Whole, WithoutPort, Port }

/// <summary>An address, or a part of it; the port is a number in JSON, and only IP addresses have one.</summary>
internal sealed class AddressOperator(AddressSource source, AddressPart part) : FormatOperator
{
    public override bool IsTyped => part == AddressPart.Port;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var address = source(context);
        if (address.Kind == NetAddressKind.None || (part == AddressPart.Port && address.Kind is NetAddressKind.Unix or NetAddressKind.Internal))
            return false;
        if (part == AddressPart.Port)
            output.Write((long)address.Port);
        else
            output.Advance(address.Format(output.GetSpan(NetAddress.MaxTextBytes), withPort: part == AddressPart.Whole));
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output) =>
        part == AddressPart.Port ? TryWrite(context, output) : base.TryWriteJson(context, output);
}
