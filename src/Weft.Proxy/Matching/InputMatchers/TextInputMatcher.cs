using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Matching.InputMatchers;

/// <summary>value_match.</summary>
/// <param name="source">As written.</param>
internal sealed class TextInputMatcher(StringMatcher text, string source) : InputMatcher
{
    public override bool IsMatch(in MatchValue value, in MatchData data) => value.IsPresent == MatchOutcome.Yes && text.IsMatch(value.Bytes);

    public override string ToString() => source;
}
