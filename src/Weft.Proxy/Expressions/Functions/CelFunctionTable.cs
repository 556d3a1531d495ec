namespace Weft.Proxy.Expressions.Functions;

/// <summary>Every function and operator by the name it has in messages. What is called on a value (<c>a.f(b)</c>) has it as its first argument.</summary>
internal static class CelFunctionTable
{
    private static readonly Dictionary<string, CelUnary> s_unary = new(StringComparer.Ordinal)
    {
        ["!_"] = static (in CelContext _, in CelValue value) => value.Kind == CelKind.Bool ? CelValue.Of(!value.IsTrue) : CelErrors.NoOverload,
        ["-_"] = CelArithmetic.Negate,
        ["size"] = CelTexts.Size,
        ["int"] = static (in CelContext _, in CelValue value) => CelConversions.ToInt(value),
        ["uint"] = static (in CelContext _, in CelValue value) => CelConversions.ToUint(value),
        ["double"] = static (in CelContext _, in CelValue value) => CelConversions.ToDouble(value),
        ["bool"] = static (in CelContext _, in CelValue value) => CelConversions.ToBool(value),
        ["string"] = CelConversions.ToText,
        ["bytes"] = static (in CelContext _, in CelValue value) => value.IsText ? value.As(CelKind.Bytes) : CelErrors.NoOverload,
        ["duration"] = static (in CelContext _, in CelValue value) => CelTimes.ToDuration(value),
        ["timestamp"] = static (in CelContext _, in CelValue value) => CelTimes.ToTimestamp(value),
        ["dyn"] = static (in CelContext _, in CelValue value) => value,
        ["type"] = static (in CelContext _, in CelValue value) => CelValue.Type(value.Kind),
    };

    private static readonly Dictionary<string, CelBinary> s_binary = new(StringComparer.Ordinal)
    {
        ["_==_"] = static (in CelContext context, in CelValue left, in CelValue right) => CelValue.Of(CelEquality.AreEqual(context, left, right)),
        ["_!=_"] = static (in CelContext context, in CelValue left, in CelValue right) => CelValue.Of(!CelEquality.AreEqual(context, left, right)),
        ["_<_"] = static (in CelContext _, in CelValue left, in CelValue right) => CelOrder.Less(left, right),
        ["_>_"] = static (in CelContext _, in CelValue left, in CelValue right) => CelOrder.Less(right, left),
        ["_<=_"] = static (in CelContext _, in CelValue left, in CelValue right) => CelOrder.LessOrEqual(left, right),
        ["_>=_"] = static (in CelContext _, in CelValue left, in CelValue right) => CelOrder.LessOrEqual(right, left),
        ["_+_"] = CelArithmetic.Add,
        ["_-_"] = CelArithmetic.Subtract,
        ["_*_"] = CelArithmetic.Multiply,
        ["_/_"] = CelArithmetic.Divide,
        ["_%_"] = CelArithmetic.Remainder,
        ["@in"] = CelEquality.IsIn,
        ["startsWith"] = static (in CelContext _, in CelValue left, in CelValue right) => CelTexts.AreStrings(left, right) ? CelValue.Of(left.Text.StartsWith(right.Text)) : CelErrors.NoOverload,
        ["endsWith"] = static (in CelContext _, in CelValue left, in CelValue right) => CelTexts.AreStrings(left, right) ? CelValue.Of(left.Text.EndsWith(right.Text)) : CelErrors.NoOverload,
        ["contains"] = CelTexts.Contains,
    };

    static CelFunctionTable()
    {
        s_binary["_in_"] = s_binary["in"] = s_binary["@in"];
        foreach (var part in CelTimes.Parts)
        {
            s_unary[part.Name] = (in CelContext _, in CelValue value) => CelTimes.PartOf(value, default, part);
            s_binary[part.Name] = (in CelContext _, in CelValue value, in CelValue zone) => zone.Kind == CelKind.String ? CelTimes.PartOf(value, zone.Text, part) : CelErrors.NoOverload;
        }
    }

    public static CelUnary? Unary(string name) => s_unary.GetValueOrDefault(name);

    public static CelBinary? Binary(string name) => s_binary.GetValueOrDefault(name);

    /// <summary>It is there, if not for so many arguments.</summary>
    public static bool Exists(string name) => s_unary.ContainsKey(name) || s_binary.ContainsKey(name);
}
