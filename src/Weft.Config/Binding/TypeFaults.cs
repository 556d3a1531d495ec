using Weft.Config.Support;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>Explains why a type is not known.</summary>
internal static class TypeFaults
{
    /// <summary>What is wrong with the name of a type that the API does not have, and the one that was probably meant.</summary>
    internal static (string Text, string? Suggestion) Describe(string fullName)
    {
        if (ExtensionTable.Default.ByType(fullName) is { } extension) return ($"the extension {extension.Name} is not implemented yet ({fullName})", null);
        var types = ExtensionTable.Default.Types.Where(ApiTypes.Knows);
        if (Suggestion.For(fullName, types) is { } close) return ($"unknown type {fullName}", close);
        var text = IsOldApi(fullName) ? $"unknown type {fullName}, which is of an older API version" : $"unknown type {fullName}";
        return (text, SameLastName(fullName) ?? Suggestion.For(fullName, ApiTypes.Names));
    }

    private static bool IsOldApi(string fullName)
        => fullName.Contains(".v2.", StringComparison.Ordinal) || fullName.Contains(".v2alpha", StringComparison.Ordinal);

    // Types kept their own name when they moved to another package.
    private static string? SameLastName(string fullName)
    {
        var last = fullName[fullName.LastIndexOf('.')..];
        var same = ExtensionTable.Default.Types.Concat(ApiTypes.Names).Distinct().Where(t => ApiTypes.Knows(t) && t.EndsWith(last, StringComparison.Ordinal)).Take(2).ToList();
        return same.Count == 1 ? same[0] : null;
    }
}
