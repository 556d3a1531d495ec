using Weft.Net;

namespace Weft.Proxy.Matching.Inputs;

/// <summary>Which end of a connection an <see cref="AddressInput"/> looks at.</summary>
internal enum AddressEnd : byte { Destination, Source, DirectSource }

/// <summary>DestinationIPInput, SourceIPInput, DirectSourceIPInput, DestinationPortInput, SourcePortInput: an address, or the port of it; none of a Unix socket.</summary>
internal sealed class AddressInput(AddressEnd end, bool isPort) : MatchInput
{
    public override MatchValue Read(in MatchData data)
    {
        var address = end switch
        {
            AddressEnd.Destination => data.LocalAddress,
            AddressEnd.Source => data.RemoteAddress,
            _ => data.DirectRemoteAddress,
        };
        if (address.Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6)) return MatchValue.Absent;
        var scratch = Scratch();
        if (isPort) scratch.Write((long)address.Port);
        else scratch.Advance(address.Format(scratch.GetSpan(NetAddress.MaxTextBytes), withPort: false));
        return new MatchValue(scratch.Written);
    }

    public override string ToString() => end switch
    {
        AddressEnd.Destination => "destination",
        AddressEnd.Source => "source",
        _ => "direct source",
    } + (isPort ? " port" : " address");
}

/// <summary>SourceTypeInput: <c>local</c> when the client is on this host, else nothing.</summary>
internal sealed class SourceTypeInput : MatchInput
{
    public override MatchValue Read(in MatchData data)
    {
        var remote = data.RemoteAddress;
        var isLocal = remote.Kind == NetAddressKind.Unix || remote.IsLoopback || remote.HasSameIP(data.LocalAddress);
        return isLocal ? new MatchValue("local"u8) : MatchValue.Absent;
    }

    public override string ToString() => "source type";
}
