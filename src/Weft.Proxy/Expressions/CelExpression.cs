using Google.Api.Expr.V1Alpha1;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Proxy.Expressions.Nodes;
using Weft.Proxy.Expressions.Syntax;
using Weft.Proxy.Formatting;
using CelMessage = Xds.Type.V3.CelExpression;

namespace Weft.Proxy.Expressions;

/// <summary>
/// A compiled expression of the Common Expression Language over Envoy's attributes: of a request, or of a connection, for which the attributes
/// of requests are missing. Its cost is bounded. Immutable; any thread, and what makes no list or map allocates nothing.
/// </summary>
internal sealed class CelExpression
{
    private readonly CelNode _root;
    private readonly int _variables;

    private CelExpression(CelNode root, int variables)
    {
        _root = root;
        _variables = variables;
    }

    /// <summary>Compiles a text; a fault is reported at <paramref name="field"/> of <paramref name="at"/>, and null is the answer.</summary>
    public static CelExpression? Parse(string text, ConfigContext context, IMessage at, string field)
    {
        var result = Parse(text, out var error);
        if (result is null)
            context.Error(at, field, $"Not able to parse expression: {error}");
        return result;
    }

    /// <summary>Compiles a text; null with the reason when it cannot be.</summary>
    public static CelExpression? Parse(string text, out string error)
    {
        try
        {
            return Compile(CelParser.Parse(text), out error);
        }
        catch (CelSyntaxException fault)
        {
            error = $"{text}: {fault.Message} at character {fault.Position + 1}";
            return null;
        }
    }

    /// <summary>Compiles a text, or what a control plane has parsed, or checked; a fault is reported at the message, and null is the answer.</summary>
    public static CelExpression? Create(CelMessage config, ConfigContext context)
    {
        // The newer fields go before those they replace, and what was checked before what was only parsed.
        var (expression, field) = config switch
        {
            { CelExprChecked: { } isChecked } => (isChecked.Expr, "cel_expr_checked"),
            { CelExprParsed: { } parsed } => (parsed.Expr, "cel_expr_parsed"),
            { ExprSpecifierCase: CelMessage.ExprSpecifierOneofCase.ParsedExpr } => (config.ParsedExpr.Expr, "parsed_expr"),
            { ExprSpecifierCase: CelMessage.ExprSpecifierOneofCase.CheckedExpr } => (config.CheckedExpr.Expr, "checked_expr"),
            _ => (null, ""),
        };
        if (expression is not null) return Create(expression, context, config, field);
        if (config.CelExprString.Length > 0) return Parse(config.CelExprString, context, config, "cel_expr_string");
        context.Error(config, null, "CEL expression not set.");
        return null;
    }

    /// <summary>Compiles a parsed expression; a fault is reported at <paramref name="field"/> of <paramref name="at"/>, and null is the answer.</summary>
    public static CelExpression? Create(Expr expression, ConfigContext context, IMessage at, string field)
    {
        var result = Compile(expression, out var error);
        if (result is null)
            context.Error(at, field, $"failed to create an expression: {error}");
        return result;
    }

    /// <summary>The value is true; errors, and values of another type, are not.</summary>
    public bool IsTrue(in FormatContext request) => Evaluate(request).IsTrue;

    /// <summary>Appends the value as Envoy prints it; false, with nothing appended, for an error.</summary>
    public bool TryWrite(in FormatContext request, ByteWriter output) => CelPrinter.TryWrite(Evaluate(request), output);

    /// <summary>Appends the value as JSON of its own type; false, with nothing appended, for an error.</summary>
    public bool TryWriteJson(in FormatContext request, ByteWriter output)
    {
        var context = Begin(request);
        return CelJson.TryWrite(context, _root.Evaluate(context), output);
    }

    /// <summary>The value; its texts are valid until the thread's next evaluation.</summary>
    public CelValue Evaluate(in FormatContext request) => _root.Evaluate(Begin(request));

    private CelContext Begin(in FormatContext request)
    {
        var scratch = CelScratch.OfThread;
        scratch.Begin(_variables);
        return new CelContext(request, scratch);
    }

    private static CelExpression? Compile(Expr expression, out string error)
    {
        try
        {
            error = "";
            var compiler = new CelCompiler();
            var root = compiler.Compile(expression);
            return new CelExpression(root, compiler.VariableCount);
        }
        catch (CelCompileException fault)
        {
            error = fault.Message;
            return null;
        }
    }
}
