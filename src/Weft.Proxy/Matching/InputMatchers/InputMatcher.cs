namespace Weft.Proxy.Matching.InputMatchers;

/// <summary>Whether the value of an input is one that is looked for. Immutable; any thread; no allocation. <c>ToString</c> says what is looked for.</summary>
internal abstract class InputMatcher
{
    /// <summary>Which <see cref="MatchInput.DataType"/> it takes.</summary>
    public virtual string InputType => MatchInput.TextType;

    /// <param name="value">Present or absent, never undecided.</param>
    /// <param name="data">What the value was read from.</param>
    public abstract bool IsMatch(in MatchValue value, in MatchData data);
}
