using Weft.Proxy.Matching.InputMatchers;

namespace Weft.Proxy.Matching;

/// <summary>The condition of an entry of matcher_list. Immutable; any thread; no allocation.</summary>
internal abstract class Predicate
{
    public abstract MatchOutcome Evaluate(in MatchData data);
}

/// <summary>single_predicate.</summary>
internal sealed class SinglePredicate(MatchInput input, InputMatcher matcher) : Predicate
{
    public override MatchOutcome Evaluate(in MatchData data)
    {
        var value = input.Read(data);
        if (value.IsPresent == MatchOutcome.Undecided)
        {
            data.Trail?.Add($"{input} is not known yet");
            return MatchOutcome.Undecided;
        }

        var isMatch = matcher.IsMatch(value, data);
        data.Trail?.Add($"{input}{(input.DataType == MatchInput.TextType ? $" is {value.ToString()}" : "")}: {(isMatch ? "matches" : "does not match")} {matcher}");
        return isMatch ? MatchOutcome.Yes : MatchOutcome.No;
    }
}

/// <summary>and_matcher: decided by the first that is not true.</summary>
internal sealed class AndPredicate(Predicate[] all) : Predicate
{
    public override MatchOutcome Evaluate(in MatchData data)
    {
        foreach (var one in all)
        {
            var outcome = one.Evaluate(data);
            if (outcome != MatchOutcome.Yes) return outcome;
        }

        return MatchOutcome.Yes;
    }
}

/// <summary>or_matcher: true when one is, even if others are undecided.</summary>
internal sealed class OrPredicate(Predicate[] any) : Predicate
{
    public override MatchOutcome Evaluate(in MatchData data)
    {
        var result = MatchOutcome.No;
        foreach (var one in any)
        {
            var outcome = one.Evaluate(data);
            if (outcome == MatchOutcome.Yes) return outcome;
            if (outcome == MatchOutcome.Undecided) result = outcome;
        }

        return result;
    }
}

/// <summary>not_matcher.</summary>
internal sealed class NotPredicate(Predicate inner) : Predicate
{
    public override MatchOutcome Evaluate(in MatchData data) => inner.Evaluate(data) switch
    {
        MatchOutcome.Yes => MatchOutcome.No,
        MatchOutcome.No => MatchOutcome.Yes,
        _ => MatchOutcome.Undecided,
    };
}
