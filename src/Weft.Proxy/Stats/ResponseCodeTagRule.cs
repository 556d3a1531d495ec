namespace Weft.Proxy.Stats;

/// <summary>
/// The two rules that nearly every name is asked about, without a regular expression: a name that ends in <c>_rq_503</c> gives the
/// response code, one that ends in <c>_rq_5xx</c> its class (the <c>xx</c> stays in the name).
/// </summary>
internal sealed class ResponseCodeTagRule(string tagName, bool isClass) : TagRule(tagName)
{
    private const int TailLength = 7;

    public override bool TryFind(ReadOnlySpan<char> name, out Range removed, out Range value)
    {
        removed = value = default;
        if (name.Length < TailLength)
            return false;
        var start = name.Length - TailLength;
        var tail = name[start..];
        if (!tail.StartsWith("_rq_", StringComparison.Ordinal) || !char.IsAsciiDigit(tail[4]))
            return false;
        var isClassName = tail.EndsWith("xx", StringComparison.Ordinal);
        if (isClass != isClassName || (!isClass && !(char.IsAsciiDigit(tail[5]) && char.IsAsciiDigit(tail[6]))))
            return false;
        value = isClass ? (start + 4)..(start + 5) : (start + 4)..name.Length;
        removed = isClass ? value : (start + 3)..name.Length;
        return true;
    }
}
