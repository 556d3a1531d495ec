using System.Text;

namespace Weft.Proxy.Routing.Matching;

/// <summary>A set of paths: one path, or all that begin so. For finding out which routes take what others match. Immutable.</summary>
/// <param name="Text">Lower case when case does not count.</param>
/// <param name="IsPrefix">All that begin with the text; else the text itself only.</param>
/// <param name="IgnoresCase">Case does not count.</param>
internal readonly record struct PathExtent(string Text, bool IsPrefix, bool IgnoresCase)
{
    public static PathExtent Of(ReadOnlySpan<byte> text, bool isPrefix, bool ignoresCase)
    {
        var latin = Encoding.Latin1.GetString(text);
        // A text without letters is the same either way; one form of it is found more easily.
        var hasLetters = latin.Any(char.IsAsciiLetter);
        return new PathExtent(ignoresCase ? latin.ToLowerInvariant() : latin, isPrefix, ignoresCase || !hasLetters);
    }
}
