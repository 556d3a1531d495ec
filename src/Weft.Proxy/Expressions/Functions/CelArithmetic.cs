namespace Weft.Proxy.Expressions.Functions;

/// <summary>+ - * / %: between equal types, with overflow as an error.</summary>
internal static class CelArithmetic
{
    private const int NanosPerSecond = 1_000_000_000;

    public static CelValue Negate(in CelContext context, in CelValue value) => value.Kind switch
    {
        CelKind.Int when value.AsInt == long.MinValue => CelErrors.Overflow,
        CelKind.Int => CelValue.Of(-value.AsInt),
        CelKind.Double => CelValue.Of(-value.AsDouble),
        _ => CelErrors.NoOverload,
    };

    public static CelValue Add(in CelContext context, in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => Checked((Int128)left.AsInt + right.AsInt),
        (CelKind.Uint, CelKind.Uint) => CheckedUnsigned((Int128)left.AsUint + right.AsUint),
        (CelKind.Double, CelKind.Double) => CelValue.Of(left.AsDouble + right.AsDouble),
        (CelKind.String, CelKind.String) or (CelKind.Bytes, CelKind.Bytes) => Concatenate(context, left, right),
        (CelKind.List, CelKind.List) => Concatenate(context, left.AsList, right.AsList),
        (CelKind.Timestamp, CelKind.Duration) or (CelKind.Duration, CelKind.Timestamp) => Time(CelKind.Timestamp, Nanos(left) + Nanos(right)),
        (CelKind.Duration, CelKind.Duration) => Time(CelKind.Duration, Nanos(left) + Nanos(right)),
        _ => CelErrors.NoOverload,
    };

    public static CelValue Subtract(in CelContext context, in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => Checked((Int128)left.AsInt - right.AsInt),
        (CelKind.Uint, CelKind.Uint) => CheckedUnsigned((Int128)left.AsUint - right.AsUint),
        (CelKind.Double, CelKind.Double) => CelValue.Of(left.AsDouble - right.AsDouble),
        (CelKind.Timestamp, CelKind.Duration) => Time(CelKind.Timestamp, Nanos(left) - Nanos(right)),
        (CelKind.Timestamp, CelKind.Timestamp) or (CelKind.Duration, CelKind.Duration) => Time(CelKind.Duration, Nanos(left) - Nanos(right)),
        _ => CelErrors.NoOverload,
    };

    public static CelValue Multiply(in CelContext context, in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => Checked((Int128)left.AsInt * right.AsInt),
        (CelKind.Uint, CelKind.Uint) when Math.BigMul(left.AsUint, right.AsUint, out var low) == 0 => CelValue.Of(low),
        (CelKind.Uint, CelKind.Uint) => CelErrors.Overflow,
        (CelKind.Double, CelKind.Double) => CelValue.Of(left.AsDouble * right.AsDouble),
        _ => CelErrors.NoOverload,
    };

    public static CelValue Divide(in CelContext context, in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => right.AsInt == 0 ? CelErrors.DivideByZero : Checked((Int128)left.AsInt / right.AsInt),
        (CelKind.Uint, CelKind.Uint) => right.AsUint == 0 ? CelErrors.DivideByZero : CelValue.Of(left.AsUint / right.AsUint),
        (CelKind.Double, CelKind.Double) => CelValue.Of(left.AsDouble / right.AsDouble),
        _ => CelErrors.NoOverload,
    };

    public static CelValue Remainder(in CelContext context, in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => right.AsInt == 0 ? CelErrors.DivideByZero : Checked((Int128)left.AsInt % right.AsInt),
        (CelKind.Uint, CelKind.Uint) => right.AsUint == 0 ? CelErrors.DivideByZero : CelValue.Of(left.AsUint % right.AsUint),
        _ => CelErrors.NoOverload,
    };

    /// <summary>A duration or timestamp of nanoseconds; an error beyond the years 1 to 9999.</summary>
    public static CelValue Time(CelKind kind, Int128 nanos)
    {
        var (seconds, rest) = Int128.DivRem(nanos, NanosPerSecond);
        if (kind == CelKind.Duration)
            return seconds > CelTimes.MaxSeconds || seconds < -CelTimes.MaxSeconds ? CelErrors.RangeOverflow : CelValue.Duration((long)seconds, (int)rest);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + NanosPerSecond);
        return seconds < CelTimes.FirstSecond || seconds > CelTimes.LastSecond ? CelErrors.RangeOverflow : CelValue.Timestamp((long)seconds, (int)rest);
    }

    private static Int128 Nanos(in CelValue time) => ((Int128)time.Seconds * NanosPerSecond) + time.Nanos;

    private static CelValue Checked(Int128 value) => value < long.MinValue || value > long.MaxValue ? CelErrors.Overflow : CelValue.Of((long)value);

    private static CelValue CheckedUnsigned(Int128 value) => value < 0 || value > ulong.MaxValue ? CelErrors.Overflow : CelValue.Of((ulong)value);

    private static CelValue Concatenate(in CelContext context, in CelValue left, in CelValue right)
    {
        var result = context.Scratch.Reserve(left.Kind, left.Text.Length + right.Text.Length, out var room);
        if (result.IsError)
            return result;
        left.Text.CopyTo(room);
        right.Text.CopyTo(room[left.Text.Length..]);
        return result;
    }

    private static CelValue Concatenate(in CelContext context, CelList left, CelList right)
    {
        if (!context.Scratch.TryStep(left.Count + right.Count))
            return CelErrors.TooCostly;
        var values = new List<CelValue>(left.Count + right.Count);
        for (var i = 0; i < left.Count; i++)
            values.Add(left.At(context, i));
        for (var i = 0; i < right.Count; i++)
            values.Add(right.At(context, i));
        return CelValue.Of(new CelArray(values));
    }
}
