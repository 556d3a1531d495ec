using Weft.Proxy.Expressions.Functions;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Expressions.Nodes;

/// <summary>A function of one argument.</summary>
internal sealed class UnaryCallNode(CelUnary function, CelNode operand) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var value = operand.Evaluate(context);
        return value.IsError ? value : function(context, value);
    }
}

/// <summary>A function or operator of two arguments.</summary>
internal sealed class BinaryCallNode(CelBinary function, CelNode left, CelNode right) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var first = left.Evaluate(context);
        if (first.IsError)
            return first;
        var second = right.Evaluate(context);
        return second.IsError ? second : function(context, first, second);
    }
}

/// <summary>matches(), whose expression is known: anywhere in the text, in time linear in it.</summary>
internal sealed class MatchesNode(CelNode operand, PerThreadRegex regex) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var value = operand.Evaluate(context);
        if (value.Kind != CelKind.String)
            return value.IsError ? value : CelErrors.NoOverload;
        return context.Scratch.TrySearch(value.Text.Length) ? CelValue.Of(regex.OfThread.IsMatch(MatchScratch.OfThread.Decode(value.Text))) : CelErrors.TooCostly;
    }
}
