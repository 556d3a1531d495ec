namespace Weft.Proxy.Expressions.Functions;

/// <summary>Equality: numbers by their value whatever their types, values of different types never.</summary>
internal static class CelEquality
{
    public static bool AreEqual(in CelContext context, in CelValue left, in CelValue right)
    {
        if (left.IsNumber && right.IsNumber)
            return CelOrder.Compare(left, right) == 0;
        if (left.Kind != right.Kind)
            return false;
        return left.Kind switch
        {
            CelKind.Null => true,
            CelKind.Bool or CelKind.Type => left.AsInt == right.AsInt,
            CelKind.String or CelKind.Bytes => left.Text.SequenceEqual(right.Text),
            CelKind.Duration or CelKind.Timestamp => left.Seconds == right.Seconds && left.Nanos == right.Nanos,
            CelKind.List => AreEqual(context, left.AsList, right.AsList),
            CelKind.Map => AreEqual(context, left.AsMap, right.AsMap),
            _ => false,
        };
    }

    /// <summary>The operator "in".</summary>
    public static CelValue IsIn(in CelContext context, in CelValue value, in CelValue container)
    {
        if (container.Kind == CelKind.Map)
            return CelValue.Of(container.AsMap.Has(context, value));
        if (container.Kind != CelKind.List)
            return CelErrors.NoOverload;
        var list = container.AsList;
        if (!context.Scratch.TryStep(list.Count / 8))
            return CelErrors.TooCostly;
        for (var i = 0; i < list.Count; i++)
        {
            if (AreEqual(context, list.At(context, i), value))
                return CelValue.True;
        }

        return CelValue.False;
    }

    private static bool AreEqual(in CelContext context, CelList left, CelList right)
    {
        if (left.Count != right.Count || !context.Scratch.TryStep(left.Count))
            return false;
        for (var i = 0; i < left.Count; i++)
        {
            if (!AreEqual(context, left.At(context, i), right.At(context, i)))
                return false;
        }

        return true;
    }

    private static bool AreEqual(in CelContext context, CelMap left, CelMap right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left.Count(context) != right.Count(context) || !context.Scratch.TryStep(left.Count(context)))
            return false;
        foreach (var key in left.Keys(context))
        {
            if (!right.Has(context, key) || !AreEqual(context, left.Find(context, key), right.Find(context, key)))
                return false;
        }

        return true;
    }
}
