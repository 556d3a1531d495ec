using Weft.Proxy.Expressions.Functions;

namespace Weft.Proxy.Expressions.Nodes;

/// <summary>a.b, and has(a.b).</summary>
internal sealed class SelectNode(CelNode operand, string field, bool isTest) : CelNode
{
    private readonly CelValue _field = CelValue.String(field);

    public override CelValue Evaluate(in CelContext context)
    {
        var value = operand.Evaluate(context);
        if (value.Kind != CelKind.Map)
            return value.IsError ? value : CelErrors.NoOverload;
        return isTest ? CelValue.Of(value.AsMap.Has(context, _field)) : value.AsMap.Find(context, _field);
    }
}

/// <summary>a[b].</summary>
internal sealed class IndexNode(CelNode operand, CelNode index) : CelNode
{
    public override CelValue Evaluate(in CelContext context)
    {
        var value = operand.Evaluate(context);
        if (value.IsError)
            return value;
        var key = index.Evaluate(context);
        if (key.IsError)
            return key;
        return value.Kind switch
        {
            CelKind.Map => value.AsMap.Find(context, key),
            CelKind.List => At(context, value.AsList, key),
            _ => CelErrors.NoOverload,
        };
    }

    private static CelValue At(in CelContext context, CelList list, in CelValue key)
    {
        if (!key.IsNumber)
            return CelErrors.NoOverload;
        var at = CelConversions.ToInt(key);
        return at.IsError || at.AsInt < 0 || at.AsInt >= list.Count || !CelEquality.AreEqual(context, at, key) ? CelErrors.OutOfBounds : list.At(context, (int)at.AsInt);
    }
}

/// <summary>An attribute whose name is known: it is read without looking it up.</summary>
internal sealed class AttributeNode(Attributes.AttributeReader reader) : CelNode
{
    public override CelValue Evaluate(in CelContext context) => reader(context);
}
