namespace Weft.Proxy.Matching.Inputs;

/// <summary>The full name of a statistic (StatFullNameMatchInput).</summary>
internal sealed class StatNameInput : MatchInput
{
    public override MatchValue Read(in MatchData data)
    {
        var scratch = Scratch();
        scratch.Write(data.StatName);
        return new MatchValue(scratch.Written);
    }

    public override string ToString() => "name of the statistic";
}
