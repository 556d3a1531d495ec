namespace Weft.Proxy.Matching;

/// <summary>
/// A compiled xds.type.matcher.v3.Matcher: finds the action for a request or a connection. Immutable; any thread; no allocation.
/// This one has only on_no_match; others derive from it.
/// </summary>
internal class Matcher<TAction>(OnMatch<TAction>? onNoMatch)
    where TAction : class
{
    /// <summary>Yes with an action, No, or Undecided while an input is missing.</summary>
    public virtual MatchOutcome Find(in MatchData data, out TAction? action) => NoMatch(data, out action);

    protected MatchOutcome NoMatch(in MatchData data, out TAction? action)
    {
        if (onNoMatch is not null)
        {
            data.Trail?.Add("on_no_match applies");
            return onNoMatch.Find(data, out action);
        }

        action = null;
        return MatchOutcome.No;
    }
}

/// <summary>What follows a match: an action, or a further matcher.</summary>
internal sealed class OnMatch<TAction>(TAction? action, Matcher<TAction>? matcher)
    where TAction : class
{
    public MatchOutcome Find(in MatchData data, out TAction? found)
    {
        if (matcher is not null) return matcher.Find(data, out found);
        found = action;
        return MatchOutcome.Yes;
    }
}

/// <summary>matcher_list: the first entry whose predicate is true, and which leads to an action.</summary>
internal sealed class MatcherList<TAction>((Predicate Predicate, OnMatch<TAction> OnMatch)[] entries, OnMatch<TAction>? onNoMatch) : Matcher<TAction>(onNoMatch)
    where TAction : class
{
    public override MatchOutcome Find(in MatchData data, out TAction? action)
    {
        action = null;
        foreach (var (predicate, onMatch) in entries)
        {
            var outcome = predicate.Evaluate(data);
            if (outcome == MatchOutcome.Yes) outcome = onMatch.Find(data, out action);
            if (outcome != MatchOutcome.No) return outcome;
        }

        return NoMatch(data, out action);
    }
}

/// <summary>matcher_tree: one input whose value is looked up.</summary>
internal abstract class MatcherTree<TAction>(MatchInput input, OnMatch<TAction>? onNoMatch) : Matcher<TAction>(onNoMatch)
    where TAction : class
{
    public sealed override MatchOutcome Find(in MatchData data, out TAction? action)
    {
        var value = input.Read(data);
        data.Trail?.Add($"{input} is {value.ToString()}");
        if (value.IsPresent == MatchOutcome.Yes) return Find(value.Bytes, data, out action);
        if (value.IsPresent == MatchOutcome.No) return NoMatch(data, out action);
        action = null;
        return MatchOutcome.Undecided;
    }

    /// <summary>Looks a value up. The value is gone once a further matcher has been asked.</summary>
    protected abstract MatchOutcome Find(ReadOnlySpan<byte> value, in MatchData data, out TAction? action);

    /// <summary>Asks those that fit, the best first, until one leads to an action.</summary>
    protected MatchOutcome FindFirst(ReadOnlySpan<int> candidates, OnMatch<TAction>[] children, in MatchData data, out TAction? action)
    {
        foreach (var candidate in candidates)
        {
            var outcome = children[candidate].Find(data, out action);
            if (outcome != MatchOutcome.No) return outcome;
        }

        return NoMatch(data, out action);
    }
}
