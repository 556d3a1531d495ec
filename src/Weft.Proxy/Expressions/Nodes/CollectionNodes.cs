namespace Weft.Proxy.Expressions.Nodes;

/// <summary>[a, b].</summary>
internal sealed class ListNode(CelNode[] elements) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var values = new List<CelValue>(elements.Length);
        foreach (var element in elements)
        {
            var value = element.Evaluate(context);
            if (value.IsError)
                return value;
            values.Add(value);
        }

        return CelValue.Of(new CelArray(values));
    }
}

/// <summary>{a: b}.</summary>
internal sealed class MapNode((CelNode Key, CelNode Value)[] entries) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var result = new List<(CelValue Key, CelValue Value)>(entries.Length);
        var map = new CelEntries(result);
        foreach (var entry in entries)
        {
            var key = entry.Key.Evaluate(context);
            if (key.Kind is not (CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.String))
                return key.IsError ? key : CelErrors.NoOverload;
            var value = entry.Value.Evaluate(context);
            if (value.IsError)
                return value;
            if (map.Has(context, key))
                return CelErrors.DuplicateKey;
            result.Add((key, value));
        }

        return CelValue.Of(map);
    }
}

/// <summary>What a comprehension has collected, with one more: the list is its own, so that it can be changed.</summary>
internal sealed class AppendNode(int slot, CelNode element) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var value = element.Evaluate(context);
        if (value.IsError)
            return value;
        var collected = context.Scratch.Variables[slot];
        if (collected is not { Kind: CelKind.List, AsList: CelArray list })
            return collected.IsError ? collected : CelErrors.NoOverload;
        list.Add(value);
        return collected;
    }
}

/// <summary>A fold over a list or over the keys of a map: what all(), map() and their like become.</summary>
/// <param name="Range">What it runs over.</param>
/// <param name="VariableSlot">Where each element goes.</param>
/// <param name="ResultSlot">Where the result is collected.</param>
/// <param name="Initial">What it begins with.</param>
/// <param name="Condition">It goes on as long as this is true.</param>
/// <param name="Step">The next result.</param>
/// <param name="Result">What the last result amounts to.</param>
/// <param name="StepCost">Nodes of condition and step.</param>
internal sealed record FoldParts(CelNode Range, int VariableSlot, int ResultSlot, CelNode Initial, CelNode Condition, CelNode Step, CelNode Result, int StepCost);

/// <inheritdoc cref="FoldParts"/>
internal sealed class FoldNode(FoldParts parts) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var range = parts.Range.Evaluate(context);
        if (range.Kind is not (CelKind.List or CelKind.Map))
            return range.IsError ? range : CelErrors.NoOverload;
        var keys = range.Kind == CelKind.Map ? range.AsMap.Keys(context) : null;
        var count = keys?.Length ?? range.AsList.Count;
        var variables = context.Scratch.Variables;
        variables[parts.ResultSlot] = parts.Initial.Evaluate(context);
        for (var i = 0; i < count; i++)
        {
            if (!context.Scratch.TryStep(parts.StepCost))
                return CelErrors.TooCostly;
            variables[parts.VariableSlot] = keys is null ? range.AsList.At(context, i) : keys[i];
            var condition = parts.Condition.Evaluate(context);
            if (!condition.IsTrue)
            {
                if (condition.IsFalse)
                    break;
                return condition.IsError ? condition : CelErrors.NoOverload;
            }

            variables[parts.ResultSlot] = parts.Step.Evaluate(context);
        }

        return parts.Result.Evaluate(context);
    }
}
