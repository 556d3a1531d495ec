namespace Weft.Proxy.Matching.Inputs;

/// <summary>HttpResponseLocalReplyMatchInput: <c>true</c> for a response that the proxy made itself, <c>false</c> for one of the upstream.</summary>
internal sealed class LocalReplyInput : MatchInput
{
    /// <summary>What the router notes of every response that it passes on.</summary>
    private const string OfUpstream = "via_upstream";

    public override MatchValue Read(in MatchData data)
    {
        if (data.ResponseHeaders is null || data.Info is not { } info) return MatchValue.Pending;
        return new MatchValue(info.ResponseCodeDetails == OfUpstream ? "false"u8 : "true"u8);
    }

    public override string ToString() => "local reply";
}
