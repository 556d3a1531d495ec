using System.Text;

namespace Weft.Proxy.Expressions.Functions;

/// <summary>Functions of texts, and the size of what has one.</summary>
internal static class CelTexts
{
    public static bool AreStrings(in CelValue left, in CelValue right) => left.Kind == CelKind.String && right.Kind == CelKind.String;

    /// <summary>Code points of a string, bytes of bytes, elements of lists and maps.</summary>
    public static CelValue Size(in CelContext context, in CelValue value) => value.Kind switch
    {
        CelKind.String => CelValue.Of((long)CodePoints(value.Text)),
        CelKind.Bytes => CelValue.Of((long)value.Text.Length),
        CelKind.List => CelValue.Of((long)value.AsList.Count),
        CelKind.Map => CelValue.Of((long)value.AsMap.Count(context)),
        _ => CelErrors.NoOverload,
    };

    public static CelValue Contains(in CelContext context, in CelValue left, in CelValue right)
    {
        if (!AreStrings(left, right))
            return CelErrors.NoOverload;
        return context.Scratch.TrySearch(left.Text.Length) ? CelValue.Of(left.Text.IndexOf(right.Text) >= 0) : CelErrors.TooCostly;
    }

    private static int CodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out _, out var used);
            text = text[used..];
            count++;
        }

        return count;
    }
}
