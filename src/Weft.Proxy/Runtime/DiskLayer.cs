namespace Weft.Proxy.Runtime;

/// <summary>Reads a layer from a directory tree: the path below the root is the key, the content of the file its value.</summary>
internal static class DiskLayer
{
    /// <summary>Directories within directories; deeper is refused, so that a link onto its own parent ends.</summary>
    private const int MaxDepth = 16;

    /// <exception cref="IOException">A file or directory cannot be read, or the tree is too deep.</exception>
    public static LayerValues Read(string name, string directory)
    {
        var values = new Dictionary<string, RuntimeValue>(StringComparer.Ordinal);
        Walk(values, new DirectoryInfo(directory), "", 1);
        return new LayerValues(name, values);
    }

    private static void Walk(Dictionary<string, RuntimeValue> values, DirectoryInfo directory, string prefix, int depth)
    {
        if (depth > MaxDepth) throw new IOException($"Walk recursion depth exceeded {MaxDepth}");
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            var key = prefix.Length == 0 ? entry.Name : $"{prefix}.{entry.Name}";
            // By path, not by entry: links are followed.
            if (Directory.Exists(entry.FullName)) Walk(values, new DirectoryInfo(entry.FullName), key, depth + 1);
            else if (File.Exists(entry.FullName)) values[key] = RuntimeValue.FromText(ReadWithoutComments(entry.FullName));
        }
    }

    private static string ReadWithoutComments(string path)
    {
        var lines = File.ReadAllLines(path).Where(static line => line.Length > 0 && line[0] != '#');
        return string.Join('\n', lines).TrimEnd();
    }
}
