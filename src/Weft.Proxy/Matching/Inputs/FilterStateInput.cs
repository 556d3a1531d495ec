namespace Weft.Proxy.Matching.Inputs;

/// <summary>FilterStateInput: a text that a filter keeps with the request or the connection.</summary>
internal sealed class FilterStateInput(string key) : MatchInput
{
    public override MatchValue Read(in MatchData data)
        => data.Info?.FilterState.Find(key)?.Text is { } text ? new MatchValue(text) : MatchValue.Absent;

    public override string ToString() => $"filter state {key}";
}
