using Google.Api.Expr.V1Alpha1;

namespace Weft.Proxy.Expressions;

/// <summary>Reads shapes of messages that are compiled as a whole.</summary>
internal static class CelPath
{
    /// <summary>The names of <c>a.b["c"]</c>; false when it is something else.</summary>
    public static bool TryRead(Expr expression, List<string> path)
    {
        while (true)
        {
            switch (expression)
            {
                case { IdentExpr: { } ident }:
                    // Expressions that were checked elsewhere may hold qualified names.
                    path.InsertRange(0, ident.Name.Split('.'));
                    return true;
                case { SelectExpr: { TestOnly: false, Operand: { } operand } select }:
                    path.Insert(0, select.Field);
                    expression = operand;
                    break;
                case { CallExpr: { Function: "_[_]", Args: [{ } container, { ConstExpr: { ConstantKindCase: Constant.ConstantKindOneofCase.StringValue } key }] } }:
                    path.Insert(0, key.StringValue);
                    expression = container;
                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary>All operands of a chain of the same &amp;&amp; or ||, however it is bracketed.</summary>
    public static List<Expr> Operands(Expr chain)
    {
        var function = chain.CallExpr.Function;
        var result = new List<Expr>();
        var open = new Stack<Expr>([chain]);
        while (open.TryPop(out var next))
        {
            if (next.CallExpr is { Target: null, Args: [var left, var right] } call && call.Function == function)
            {
                open.Push(right);
                open.Push(left);
            }
            else
            {
                result.Add(next);
            }
        }

        return result;
    }
}
