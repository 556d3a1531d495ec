namespace Weft.Proxy.Expressions.Functions;

/// <summary>Which of two values comes first.</summary>
internal static class CelOrder
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    public static CelValue Less(in CelValue left, in CelValue right) => Compare(left, right) is { } order ? CelValue.Of(order < 0) : Incomparable(left, right);

    public static CelValue LessOrEqual(in CelValue left, in CelValue right) => Compare(left, right) is { } order ? CelValue.Of(order <= 0) : Incomparable(left, right);

    /// <summary>Negative, 0 or positive; null for what has no order, and for not-a-number.</summary>
    public static int? Compare(in CelValue left, in CelValue right)
    {
        if (left.IsNumber && right.IsNumber)
            return CompareNumbers(left, right);
        if (left.Kind != right.Kind)
            return null;
        return left.Kind switch
        {
            CelKind.Bool => left.AsInt.CompareTo(right.AsInt),
            CelKind.String or CelKind.Bytes => left.Text.SequenceCompareTo(right.Text),
            CelKind.Duration or CelKind.Timestamp => left.Seconds != right.Seconds ? left.Seconds.CompareTo(right.Seconds) : left.Nanos.CompareTo(right.Nanos),
            _ => null,
        };
    }

    /// <summary>Not-a-number is neither less nor more than a number; other values have no order at all.</summary>
    private static CelValue Incomparable(in CelValue left, in CelValue right) => left.IsNumber && right.IsNumber ? CelValue.False : CelErrors.NoOverload;

    private static int? CompareNumbers(in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => left.AsInt.CompareTo(right.AsInt),
        (CelKind.Uint, CelKind.Uint) => left.AsUint.CompareTo(right.AsUint),
        (CelKind.Int, CelKind.Uint) => left.AsInt < 0 ? -1 : ((ulong)left.AsInt).CompareTo(right.AsUint),
        (CelKind.Uint, CelKind.Int) => right.AsInt < 0 ? 1 : left.AsUint.CompareTo((ulong)right.AsInt),
        (CelKind.Double, CelKind.Double) => CompareDoubles(left.AsDouble, right.AsDouble),
        (CelKind.Double, _) => CompareWithInteger(left.AsDouble, right),
        _ => -CompareWithInteger(right.AsDouble, left),
    };

    private static int? CompareDoubles(double left, double right) => left < right ? -1 : left > right ? 1 : left == right ? 0 : null;

    /// <summary>Exactly: a large integer is not rounded to a double.</summary>
    private static int? CompareWithInteger(double number, in CelValue integer)
    {
        if (double.IsNaN(number))
            return null;
        if (integer.Kind == CelKind.Int ? number < -TwoTo63 : number < 0)
            return -1;
        if (number >= (integer.Kind == CelKind.Int ? TwoTo63 : TwoTo64))
            return 1;
        var whole = Math.Floor(number);
        var order = integer.Kind == CelKind.Int ? ((long)whole).CompareTo(integer.AsInt) : ((ulong)whole).CompareTo(integer.AsUint);
        return order == 0 && number > whole ? 1 : order;
    }
}
