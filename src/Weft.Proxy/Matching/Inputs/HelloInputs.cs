namespace Weft.Proxy.Matching.Inputs;

/// <summary>ServerNameInput: the name in the client's TLS hello.</summary>
internal sealed class ServerNameInput : MatchInput
{
    public override MatchValue Read(in MatchData data) => Text(data.ServerName);

    public override string ToString() => "server name";
}

/// <summary>TransportProtocolInput: <c>tls</c> or <c>raw_buffer</c>.</summary>
internal sealed class TransportProtocolInput : MatchInput
{
    public override MatchValue Read(in MatchData data) => Text(data.TransportProtocol);

    public override string ToString() => "transport protocol";
}

/// <summary>ApplicationProtocolInput: all that the client offers, as <c>'h2','http/1.1'</c>.</summary>
internal sealed class ApplicationProtocolInput : MatchInput
{
    public override MatchValue Read(in MatchData data)
    {
        var protocols = data.ApplicationProtocols;
        if (protocols.Count == 0) return MatchValue.Absent;
        var scratch = Scratch();
        for (var i = 0; i < protocols.Count; i++)
        {
            scratch.Write(i == 0 ? "'"u8 : ",'"u8);
            scratch.Write(protocols[i]);
            scratch.Write((byte)'\'');
        }

        return new MatchValue(scratch.Written);
    }

    public override string ToString() => "application protocols";
}
