using Weft.Config.Support;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>Explains why a type is not known.</summary>
internal static class TypeFaults
{
    /// <summary>What is wrong with the name of a type that the API does not have, and the one that was probably meant.</summary>
    internal static (string Text, string? Suggestion) Describe(string fullName)
    {
        if (ExtensionTable.Default.ByType(fullName) is { } extension) return ($"{extension.Refusal} ({fullName})", null);
        if (IsOldApi(fullName)) return ($"unknown type {fullName}, which is of an older API version", SameLastName(fullName));
        var close = Suggestion.For(fullName, ExtensionTable.Default.Types.Where(ApiTypes.Knows)) ?? SameLastName(fullName) ?? Suggestion.For(fullName, ApiTypes.Names);
        return ($"unknown type {fullName}", close);
    }

    private static bool IsOldApi(string fullName)
        => fullName.Contains(".v2.", StringComparison.Ordinal) || fullName.Contains(".v2alpha", StringComparison.Ordinal);

    // Types kept their own name when they moved to another package, and most of the words of the old one.
    private static string? SameLastName(string fullName)
    {
        var words = fullName.Split('.').ToHashSet();
        var last = $".{fullName[(fullName.LastIndexOf('.') + 1)..]}";
        var same = ApiTypes.Names.Where(t => t.EndsWith(last, StringComparison.Ordinal))
            .Select(t => (Type: t, Common: t.Split('.').Count(words.Contains)))
            .Where(static t => t.Common > 2)
            .OrderByDescending(static t => t.Common).Take(2).ToList();
        return same.Count == 1 || (same.Count == 2 && same[0].Common > same[1].Common) ? same[0].Type : null;
    }
}
