namespace Weft.Proxy.Expressions.Nodes;

/// <summary>
/// &amp;&amp; and || over any number of operands: one that decides makes errors of the others void, whichever comes first.
/// </summary>
internal sealed class LogicNode(CelNode[] operands, bool isOr) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        CelValue? error = null;
        foreach (var operand in operands)
        {
            var value = operand.Evaluate(context);
            if (value.Kind != CelKind.Bool)
                error ??= value.IsError ? value : CelErrors.NoOverload;
            else if (value.IsTrue == isOr)
                return value;
        }

        return error ?? CelValue.Of(!isOr);
    }
}

/// <summary>a ? b : c.</summary>
internal sealed class ConditionNode(CelNode condition, CelNode then, CelNode otherwise) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var value = condition.Evaluate(context);
        return value.Kind == CelKind.Bool ? (value.IsTrue ? then : otherwise).Evaluate(context)
            : value.IsError ? value
            : CelErrors.NoOverload;
    }
}

/// <summary>False only when the operand is false: how loops go on over errors.</summary>
internal sealed class NotStrictlyFalseNode(CelNode operand) : CelNode
{
    public override CelValue Evaluate(in CelContext context) => CelValue.Of(!operand.Evaluate(context).IsFalse);
}
