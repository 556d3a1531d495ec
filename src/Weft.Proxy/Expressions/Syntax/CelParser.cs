using System.Globalization;
using Google.Api.Expr.V1Alpha1;

namespace Weft.Proxy.Expressions.Syntax;

/// <summary>
/// The text of an expression to its messages, by recursive descent. Source: the grammar of the CEL language definition; messages
/// (<c>T{...}</c>) cannot be made. Main thread.
/// </summary>
internal sealed class CelParser
{
    /// <summary>Characters of an expression.</summary>
    private const int MaxLength = 64 * 1024;

    /// <summary>Brackets within brackets.</summary>
    private const int MaxDepth = 100;

    private static readonly HashSet<string> s_reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ];

    private readonly CelLexer _lexer;
    private CelToken _token;
    private int _depth;

    private CelParser(string text)
    {
        if (text.Length > MaxLength)
            throw new CelSyntaxException(0, $"an expression may have {MaxLength} characters");
        _lexer = new CelLexer(text);
        _token = _lexer.Next();
    }

    /// <exception cref="CelSyntaxException">It is no expression.</exception>
    public static Expr Parse(string text)
    {
        var parser = new CelParser(text);
        var result = parser.Expression();
        return parser._token.Kind == CelTokenKind.End ? result : throw parser.Unexpected();
    }

    private Expr Expression()
    {
        if (++_depth > MaxDepth)
            throw new CelSyntaxException(_token.Position, $"nested deeper than {MaxDepth}");
        var condition = Or();
        if (Accept("?"))
        {
            var then = Or();
            Expect(":");
            condition = CelAst.Call("_?_:_", condition, then, Expression());
        }

        _depth--;
        return condition;
    }

    private Expr Or()
    {
        var left = And();
        while (Accept("||"))
            left = CelAst.Call("_||_", left, And());
        return left;
    }

    private Expr And()
    {
        var left = Relation();
        while (Accept("&&"))
            left = CelAst.Call("_&&_", left, Relation());
        return left;
    }

    private Expr Relation()
    {
        var left = Addition();
        while (true)
        {
            var function = _token switch
            {
                { Kind: CelTokenKind.Symbol, Text: "<" or "<=" or ">" or ">=" or "==" or "!=" } => $"_{_token.Text}_",
                { Kind: CelTokenKind.Identifier, Text: "in" } => "@in",
                _ => null,
            };
            if (function is null)
                return left;
            Advance();
            left = CelAst.Call(function, left, Addition());
        }
    }

    private Expr Addition()
    {
        var left = Multiplication();
        while (_token is { Kind: CelTokenKind.Symbol, Text: "+" or "-" })
            left = CelAst.Call($"_{Take().Text}_", left, Multiplication());
        return left;
    }

    private Expr Multiplication()
    {
        var left = Unary();
        while (_token is { Kind: CelTokenKind.Symbol, Text: "*" or "/" or "%" })
            left = CelAst.Call($"_{Take().Text}_", left, Unary());
        return left;
    }

    /// <summary>Any number of one of ! and -; a minus before a number belongs to it.</summary>
    private Expr Unary()
    {
        var symbol = _token.Is("!") ? "!" : "-";
        var count = 0;
        while (Accept(symbol))
            count++;
        var isNegative = symbol == "-" && count > 0 && _token.Kind is CelTokenKind.Int or CelTokenKind.Double;
        var operand = Member(isNegative);
        if (isNegative)
            count--;
        for (var i = 0; i < (count > 2 ? 2 - (count % 2) : count); i++)
            operand = CelAst.Call(symbol + "_", operand);
        return operand;
    }

    private Expr Member(bool isNegative)
    {
        var operand = Primary(isNegative);
        while (true)
        {
            if (Accept("["))
            {
                operand = CelAst.Call("_[_]", operand, Expression());
                Expect("]");
            }
            else if (Accept("."))
            {
                operand = Selection(operand);
            }
            else
            {
                return operand;
            }
        }
    }

    private Expr Selection(Expr operand)
    {
        var name = Name();
        if (_token.Is("{"))
            throw new CelSyntaxException(name.Position, "messages cannot be made here");
        if (!Accept("("))
            return CelAst.Select(operand, name.Text);
        var args = List(")");
        return CelMacros.Member(operand, name.Text, args, name.Position) ?? CelAst.Member(operand, name.Text, args);
    }

    private Expr Primary(bool isNegative)
    {
        var token = _token;
        switch (token.Kind)
        {
            case CelTokenKind.Int or CelTokenKind.Uint or CelTokenKind.Double:
                Advance();
                return Number(token, isNegative);
            case CelTokenKind.String:
                Advance();
                return CelAst.Const(token.Text);
            case CelTokenKind.Bytes:
                Advance();
                return CelAst.Const(token.Bytes!);
            case CelTokenKind.Identifier:
                return Identifier();
            default:
                return Bracketed();
        }
    }

    private Expr Bracketed()
    {
        if (Accept("("))
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        if (Accept("["))
            return CelAst.List([.. List("]")]);
        if (Accept("{"))
            return Map();
        // A leading dot names something at the top, where everything is.
        return Accept(".") ? Identifier() : throw Unexpected();
    }

    private Expr Identifier()
    {
        if (_token.Text is "true" or "false")
            return CelAst.Const(Take().Text == "true");
        if (_token.Text == "null")
        {
            Advance();
            return CelAst.Null();
        }

        var name = Name();
        if (s_reserved.Contains(name.Text))
            throw new CelSyntaxException(name.Position, $"reserved identifier: {name.Text}");
        if (_token.Is("{"))
            throw new CelSyntaxException(name.Position, "messages cannot be made here");
        if (!Accept("("))
            return CelAst.Ident(name.Text);
        var args = List(")");
        return CelMacros.Global(name.Text, args, name.Position) ?? CelAst.Call(name.Text, [.. args]);
    }

    /// <summary>Expressions with commas between, and one behind if one likes, up to a closing bracket.</summary>
    private List<Expr> List(string end)
    {
        var result = new List<Expr>();
        while (!Accept(end))
        {
            result.Add(Expression());
            if (!_token.Is(end))
                Expect(",");
        }

        return result;
    }

    private Expr Map()
    {
        var map = new Expr.Types.CreateStruct();
        while (!Accept("}"))
        {
            var key = Expression();
            Expect(":");
            map.Entries.Add(new Expr.Types.CreateStruct.Types.Entry { MapKey = key, Value = Expression() });
            if (!_token.Is("}"))
                Expect(",");
        }

        return new Expr { StructExpr = map };
    }

    private static Expr Number(CelToken token, bool isNegative)
    {
        if (token.Kind == CelTokenKind.Double)
        {
            var number = double.Parse(token.Text, CultureInfo.InvariantCulture);
            return CelAst.Const(isNegative ? -number : number);
        }

        var limit = token.Kind == CelTokenKind.Uint ? ulong.MaxValue : isNegative ? (ulong)long.MaxValue + 1 : long.MaxValue;
        if (!CelLexer.TryParse(token.Text, out var value) || value > limit)
            throw new CelSyntaxException(token.Position, $"invalid {(token.Kind == CelTokenKind.Uint ? "uint" : "int")} literal");
        if (token.Kind == CelTokenKind.Uint)
            return CelAst.Const(value);
        return CelAst.Const(isNegative ? unchecked(-(long)value) : (long)value);
    }

    private CelToken Name() => _token.Kind == CelTokenKind.Identifier && _token.Text != "in" ? Take() : throw Unexpected();

    private CelToken Take()
    {
        var token = _token;
        Advance();
        return token;
    }

    private void Advance() => _token = _lexer.Next();

    private bool Accept(string symbol)
    {
        if (!_token.Is(symbol))
            return false;
        Advance();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Accept(symbol))
            throw Unexpected();
    }

    private CelSyntaxException Unexpected() =>
        new(_token.Position, _token.Kind == CelTokenKind.End ? "Syntax error: unexpected end" : $"Syntax error: unexpected '{_token.Text}'");
}
