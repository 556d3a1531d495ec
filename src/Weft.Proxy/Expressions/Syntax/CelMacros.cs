using Google.Api.Expr.V1Alpha1;

namespace Weft.Proxy.Expressions.Syntax;

/// <summary>The macros of the language: has(), all(), exists(), exists_one(), map(), filter(); each becomes what it stands for.</summary>
internal static class CelMacros
{
    /// <summary>What comprehensions collect their result in.</summary>
    private const string Result = "__result__";

    /// <summary><c>has(a.b)</c>; null when it is no macro.</summary>
    /// <exception cref="CelSyntaxException">Its argument is wrong.</exception>
    public static Expr? Global(string name, List<Expr> args, int position)
    {
        if (name != "has" || args.Count != 1)
            return null;
        if (args[0].ExprKindCase != Expr.ExprKindOneofCase.SelectExpr)
            throw new CelSyntaxException(position, "invalid argument to has() macro");
        args[0].SelectExpr.TestOnly = true;
        return args[0];
    }

    /// <summary><c>range.all(x, ...)</c> and its like; null when it is no macro.</summary>
    /// <exception cref="CelSyntaxException">The variable is no name.</exception>
    public static Expr? Member(Expr range, string name, List<Expr> args, int position)
    {
        var isMacro = name is "all" or "exists" or "exists_one" or "existsOne" or "filter" ? args.Count == 2 : name == "map" && args.Count is 2 or 3;
        if (!isMacro)
            return null;
        if (args[0].ExprKindCase != Expr.ExprKindOneofCase.IdentExpr || args[0].IdentExpr.Name is "" or Result)
            throw new CelSyntaxException(position, $"the variable of {name}() must be a simple name");
        var variable = args[0].IdentExpr.Name;
        var accumulator = CelAst.Ident(Result);
        return name switch
        {
            "all" => Fold(range, variable, CelAst.Const(true), CelAst.Call("@not_strictly_false", accumulator), CelAst.Call("_&&_", accumulator, args[1])),
            "exists" => Fold(range, variable, CelAst.Const(false), CelAst.Call("@not_strictly_false", CelAst.Call("!_", accumulator)), CelAst.Call("_||_", accumulator, args[1])),
            "filter" => Fold(range, variable, CelAst.List(), CelAst.Const(true), When(args[1], Append(args[0]))),
            "map" when args.Count == 2 => Fold(range, variable, CelAst.List(), CelAst.Const(true), Append(args[1])),
            "map" => Fold(range, variable, CelAst.List(), CelAst.Const(true), When(args[1], Append(args[2]))),
            _ => ExistsOne(range, variable, args[1]),
        };
    }

    private static Expr ExistsOne(Expr range, string variable, Expr condition)
    {
        var count = When(condition, CelAst.Call("_+_", CelAst.Ident(Result), CelAst.Const(1L)));
        var fold = Fold(range, variable, CelAst.Const(0L), CelAst.Const(true), count);
        fold.ComprehensionExpr.Result = CelAst.Call("_==_", CelAst.Ident(Result), CelAst.Const(1L));
        return fold;
    }

    private static Expr Append(Expr element) => CelAst.Call("_+_", CelAst.Ident(Result), CelAst.List(element));

    private static Expr When(Expr condition, Expr then) => CelAst.Call("_?_:_", condition, then, CelAst.Ident(Result));

    private static Expr Fold(Expr range, string variable, Expr initial, Expr condition, Expr step) => new()
    {
        ComprehensionExpr = new Expr.Types.Comprehension
        {
            IterVar = variable,
            IterRange = range,
            AccuVar = Result,
            AccuInit = initial,
            LoopCondition = condition,
            LoopStep = step,
            Result = CelAst.Ident(Result),
        },
    };
}
