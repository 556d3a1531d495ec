namespace Weft.Proxy.Expressions;

/// <summary>The errors of the language, made once.</summary>
internal static class CelErrors
{
    public static readonly CelValue NoSuchKey = CelValue.Error("no such key");
    public static readonly CelValue NoOverload = CelValue.Error("no matching overload");
    public static readonly CelValue Overflow = CelValue.Error("integer overflow");
    public static readonly CelValue RangeOverflow = CelValue.Error("value out of range");
    public static readonly CelValue DivideByZero = CelValue.Error("divide by zero");
    public static readonly CelValue OutOfBounds = CelValue.Error("index out of bounds");
    public static readonly CelValue TooCostly = CelValue.Error("evaluation takes too long");
    public static readonly CelValue TooLarge = CelValue.Error("texts are too large");
    public static readonly CelValue DuplicateKey = CelValue.Error("duplicate key in map");
}
