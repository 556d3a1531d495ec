using Google.Api.Expr.V1Alpha1;
using Google.Protobuf;

namespace Weft.Proxy.Expressions.Syntax;

/// <summary>Short ways to make the messages of a parsed expression.</summary>
internal static class CelAst
{
    public static Expr Ident(string name) => new() { IdentExpr = new Expr.Types.Ident { Name = name } };

    public static Expr Select(Expr operand, string field, bool testOnly = false) =>
        new() { SelectExpr = new Expr.Types.Select { Operand = operand, Field = field, TestOnly = testOnly } };

    public static Expr Call(string function, params ReadOnlySpan<Expr> args)
    {
        var call = new Expr.Types.Call { Function = function };
        call.Args.Add(args.ToArray());
        return new Expr { CallExpr = call };
    }

    public static Expr Member(Expr target, string function, IEnumerable<Expr> args)
    {
        var call = new Expr.Types.Call { Target = target, Function = function };
        call.Args.Add(args);
        return new Expr { CallExpr = call };
    }

    public static Expr List(params ReadOnlySpan<Expr> elements)
    {
        var list = new Expr.Types.CreateList();
        list.Elements.Add(elements.ToArray());
        return new Expr { ListExpr = list };
    }

    public static Expr Const(bool value) => new() { ConstExpr = new Constant { BoolValue = value } };

    public static Expr Const(long value) => new() { ConstExpr = new Constant { Int64Value = value } };

    public static Expr Const(ulong value) => new() { ConstExpr = new Constant { Uint64Value = value } };

    public static Expr Const(double value) => new() { ConstExpr = new Constant { DoubleValue = value } };

    public static Expr Const(string value) => new() { ConstExpr = new Constant { StringValue = value } };

    public static Expr Const(byte[] value) => new() { ConstExpr = new Constant { BytesValue = ByteString.CopyFrom(value) } };

    public static Expr Null() => new() { ConstExpr = new Constant { NullValue = Google.Protobuf.WellKnownTypes.NullValue.NullValue } };
}
