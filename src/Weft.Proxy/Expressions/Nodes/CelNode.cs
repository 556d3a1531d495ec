namespace Weft.Proxy.Expressions.Nodes;

/// <summary>A piece of a compiled expression. Immutable; any thread.</summary>
internal abstract class CelNode
{
    public abstract CelValue Evaluate(in CelContext context);
}

internal sealed class ConstantNode(CelValue value) : CelNode
{
    public CelValue Value { get; } = value;

    public override CelValue Evaluate(in CelContext context) => Value;
}

/// <summary>A variable of a comprehension.</summary>
internal sealed class VariableNode(int slot) : CelNode
{
    public int Slot { get; } = slot;

    public override CelValue Evaluate(in CelContext context) => context.Scratch.Variables[Slot];
}
