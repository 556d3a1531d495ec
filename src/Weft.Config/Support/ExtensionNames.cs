namespace Weft.Config.Support;

/// <summary>Extensions had shorter names once (<c>envoy.csrf</c>), and files mix both. Any thread.</summary>
public static class ExtensionNames
{
    /// <summary>The name as it is today; a name that is no extension's stays as it is.</summary>
    /// <param name="category">For example <c>envoy.filters.http</c>.</param>
    public static string Current(string name, string category) => ExtensionTable.Default.ByName(name, category)?.Name ?? name;
}
