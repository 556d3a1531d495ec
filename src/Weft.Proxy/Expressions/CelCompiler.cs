using Google.Api.Expr.V1Alpha1;
using Weft.Proxy.Expressions.Attributes;
using Weft.Proxy.Expressions.Functions;
using Weft.Proxy.Expressions.Nodes;
using Weft.Proxy.Routing.Matching;
using ExprCase = Google.Api.Expr.V1Alpha1.Expr.ExprKindOneofCase;

namespace Weft.Proxy.Expressions;

/// <summary>Makes nodes of messages. Names are resolved here: what is unknown is refused, what is known is not looked up again. Main thread.</summary>
internal sealed class CelCompiler
{
    /// <summary>Calls within calls.</summary>
    private const int MaxDepth = 250;

    private readonly List<(string Name, int Slot)> _variables = [];
    private int _depth;
    private int _nodes;

    /// <summary>Room that the variables of comprehensions need.</summary>
    public int VariableCount { get; private set; }

    /// <exception cref="CelCompileException">It cannot be compiled.</exception>
    public CelNode Compile(Expr? expression)
    {
        // What a control plane sends may leave out any part.
        if (expression is null)
            throw new CelCompileException("an empty expression");
        if (++_depth > MaxDepth)
            throw new CelCompileException($"the expression is nested deeper than {MaxDepth}");
        _nodes++;
        var node = expression.ExprKindCase switch
        {
            ExprCase.ConstExpr => new ConstantNode(ConstantOf(expression.ConstExpr)),
            ExprCase.IdentExpr => Identifier(expression),
            ExprCase.SelectExpr => Select(expression),
            ExprCase.CallExpr => Call(expression),
            ExprCase.ListExpr => List(expression.ListExpr),
            ExprCase.StructExpr => Map(expression.StructExpr),
            ExprCase.ComprehensionExpr => Fold(expression.ComprehensionExpr),
            _ => throw new CelCompileException("an empty expression"),
        };
        _depth--;
        return node;
    }

    private static CelValue ConstantOf(Constant constant) => constant.ConstantKindCase switch
    {
        Constant.ConstantKindOneofCase.BoolValue => CelValue.Of(constant.BoolValue),
        Constant.ConstantKindOneofCase.Int64Value => CelValue.Of(constant.Int64Value),
        Constant.ConstantKindOneofCase.Uint64Value => CelValue.Of(constant.Uint64Value),
        Constant.ConstantKindOneofCase.DoubleValue => CelValue.Of(constant.DoubleValue),
        Constant.ConstantKindOneofCase.StringValue => CelValue.String(constant.StringValue),
        Constant.ConstantKindOneofCase.BytesValue => CelValue.Bytes(constant.BytesValue.ToByteArray()),
#pragma warning disable CS0612 // the deprecated kinds are still sent
        Constant.ConstantKindOneofCase.DurationValue => CelValue.Duration(constant.DurationValue.Seconds, constant.DurationValue.Nanos),
        Constant.ConstantKindOneofCase.TimestampValue => CelValue.Timestamp(constant.TimestampValue.Seconds, constant.TimestampValue.Nanos),
#pragma warning restore CS0612
        _ => CelValue.Null,
    };

    private CelNode Identifier(Expr expression)
    {
        var name = expression.IdentExpr.Name;
        if (FindVariable(name) is { } slot)
            return new VariableNode(slot);
        if (TypeNamed(name) is { } type)
            return new ConstantNode(CelValue.Type(type));
        return Attribute(expression) ?? (CelNode)(AttributeTable.Find(name) is { } group
            ? new ConstantNode(CelValue.Of(group))
            : throw new CelCompileException($"undeclared reference to '{name}'"));
    }

    private CelNode Select(Expr expression)
    {
        var select = expression.SelectExpr;
        var attribute = select.TestOnly ? null : Attribute(expression);
        return attribute ?? (CelNode)new SelectNode(Compile(select.Operand), select.Field, select.TestOnly);
    }

    /// <summary>The reader of a path of which every name is known; null when it is none.</summary>
    private AttributeNode? Attribute(Expr expression)
    {
        var path = new List<string>();
        if (!CelPath.TryRead(expression, path) || path.Count < 2 || FindVariable(path[0]) is not null)
            return null;
        if (AttributeTable.Find(path[0]) is FilterStateAttributes state)
            return path.Count == 2 ? new AttributeNode(state.Reader(path[1])) : null;
        if (AttributeTable.Find(path[0]) is not AttributeGroup group)
            return null;
        if (group.Reader(path[1]) is not { } reader)
            throw new CelCompileException($"there is no attribute {path[0]}.{path[1]}; there are {string.Join(", ", group.Names.Select(name => $"{path[0]}.{name}"))}");
        return path switch
        {
            [_, _] => new AttributeNode(reader),
            ["request", "headers", var name] => new AttributeNode(HeadersMap.Request.Reader(name)),
            ["response", "headers", var name] => new AttributeNode(HeadersMap.Response.Reader(name)),
            ["response", "trailers", var name] => new AttributeNode(HeadersMap.ResponseTrailers.Reader(name)),
            ["metadata", MetadataAttributes.FieldName, var filter, _, ..] => new AttributeNode(MetadataAttributes.Reader(filter, [.. path.Skip(3)])),
            _ => null,
        };
    }

    private CelNode Call(Expr expression)
    {
        var call = expression.CallExpr;
        List<Expr> args = call.Target is null ? [.. call.Args] : [call.Target, .. call.Args];
        switch (call.Function, args.Count)
        {
            case ("_&&_" or "_||_", 2):
                return new LogicNode([.. CelPath.Operands(expression).Select(Compile)], isOr: call.Function == "_||_");
            case ("_?_:_", 3):
                return new ConditionNode(Compile(args[0]), Compile(args[1]), Compile(args[2]));
            case ("@not_strictly_false" or "__not_strictly_false__", 1):
                return new NotStrictlyFalseNode(Compile(args[0]));
            case ("_[_]", 2):
                return Attribute(expression) ?? (CelNode)new IndexNode(Compile(args[0]), Compile(args[1]));
            case ("matches", 2):
                return Matches(args[0], args[1]);
            case (var name, 1) when CelFunctionTable.Unary(name) is { } unary:
                return Fold(new UnaryCallNode(unary, Compile(args[0])), args);
            case (var name, 2) when CelFunctionTable.Binary(name) is { } binary:
                return Fold(new BinaryCallNode(binary, Compile(args[0]), Compile(args[1])), args);
            default:
                throw new CelCompileException(CelFunctionTable.Exists(call.Function)
                    ? $"{call.Function}() does not take {args.Count} arguments"
                    : $"there is no function '{call.Function}'");
        }
    }

    /// <summary>A call with nothing but constants is made now, unless its value is a text, which would stand in memory that is used again.</summary>
    private static CelNode Fold(CelNode call, List<Expr> args)
    {
        if (!args.TrueForAll(static arg => arg.ExprKindCase == ExprCase.ConstExpr))
            return call;
        var scratch = CelScratch.OfThread;
        scratch.Begin(0);
        var value = call.Evaluate(new CelContext(default, scratch));
        return value.IsError || value.IsText ? call : new ConstantNode(value);
    }

    private MatchesNode Matches(Expr text, Expr pattern)
    {
        if (pattern.ConstExpr?.ConstantKindCase != Constant.ConstantKindOneofCase.StringValue)
            throw new CelCompileException("matches() needs a string literal, so that its expression can be compiled once");
        var compiled = RegexMatcher.Compile(pattern.ConstExpr.StringValue, wholeValue: false, out var error) ?? throw new CelCompileException(error);
        return new MatchesNode(Compile(text), new PerThreadRegex(compiled));
    }

    private CelNode List(Expr.Types.CreateList list)
    {
        CelNode[] elements = [.. list.Elements.Select(Compile)];
        var isConstant = elements.Length > 0 && Array.TrueForAll(elements, static element => element is ConstantNode);
        return isConstant
            ? new ConstantNode(CelValue.Of(new CelArray([.. elements.Select(static element => ((ConstantNode)element).Value)])))
            : new ListNode(elements);
    }

    private MapNode Map(Expr.Types.CreateStruct map)
    {
        if (map.MessageName.Length > 0)
            throw new CelCompileException("messages cannot be made here");
        return new MapNode([.. map.Entries.Select(entry => (Compile(entry.MapKey ?? throw new CelCompileException("a map needs keys")), Compile(entry.Value)))]);
    }

    private FoldNode Fold(Expr.Types.Comprehension fold)
    {
        var range = Compile(fold.IterRange);
        var initial = Compile(fold.AccuInit);
        var resultSlot = Declare(fold.AccuVar);
        var variableSlot = Declare(fold.IterVar);
        var before = _nodes;
        var condition = Compile(fold.LoopCondition);
        var step = CompileStep(fold, resultSlot);
        var cost = _nodes - before;
        _variables.RemoveAt(_variables.Count - 1);
        var result = Compile(fold.Result);
        _variables.RemoveAt(_variables.Count - 1);
        return new FoldNode(new FoldParts(range, variableSlot, resultSlot, initial, condition, step, result, cost));
    }

    /// <summary>Collecting into a list that began empty appends to it, rather than to copy it each time.</summary>
    private CelNode CompileStep(Expr.Types.Comprehension fold, int resultSlot)
    {
        if (fold.AccuInit?.ListExpr is not { Elements.Count: 0 } || fold.LoopStep?.CallExpr is not { } call)
            return Compile(fold.LoopStep);
        if (ElementOf(fold.LoopStep, fold.AccuVar) is { } element)
            return new AppendNode(resultSlot, Compile(element));
        if (call is { Function: "_?_:_", Args.Count: 3 } && ElementOf(call.Args[1], fold.AccuVar) is { } chosen)
            return new ConditionNode(Compile(call.Args[0]), new AppendNode(resultSlot, Compile(chosen)), Compile(call.Args[2]));
        return Compile(fold.LoopStep);
    }

    /// <summary>x of <c>result + [x]</c>.</summary>
    private static Expr? ElementOf(Expr step, string result) =>
        step.CallExpr is { Function: "_+_", Args: [{ IdentExpr: { } left }, { ListExpr.Elements: [var element] }] } && left.Name == result ? element : null;

    private int Declare(string name)
    {
        var slot = _variables.Count;
        _variables.Add((name, slot));
        VariableCount = Math.Max(VariableCount, slot + 1);
        return slot;
    }

    private int? FindVariable(string name)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == name)
                return _variables[i].Slot;
        }

        return null;
    }

    private static CelKind? TypeNamed(string name) => name switch
    {
        "bool" => CelKind.Bool,
        "int" => CelKind.Int,
        "uint" => CelKind.Uint,
        "double" => CelKind.Double,
        "string" => CelKind.String,
        "bytes" => CelKind.Bytes,
        "list" => CelKind.List,
        "map" => CelKind.Map,
        "null_type" => CelKind.Null,
        "type" => CelKind.Type,
        "google.protobuf.Duration" => CelKind.Duration,
        "google.protobuf.Timestamp" => CelKind.Timestamp,
        _ => null,
    };
}
