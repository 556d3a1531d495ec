namespace Weft.Config;

/// <summary>The text files that are part of the assembly.</summary>
internal static class Resources
{
    /// <summary>The lines of one of them.</summary>
    internal static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the assembly lacks {name}");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>The names of all files of a folder.</summary>
    internal static IEnumerable<string> Names(string folder)
        => typeof(Resources).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
