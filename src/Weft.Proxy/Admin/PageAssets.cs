using System.Collections.Concurrent;

namespace Weft.Proxy.Admin;

/// <summary>The style and scripts of the admin pages: files of <c>Admin/Page</c>, embedded. They are written into the page, so that nothing is loaded. Any thread.</summary>
internal static class PageAssets
{
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <param name="name">Of the file.</param>
    public static string Text(string name) => Texts.GetOrAdd(name, static name =>
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream("admin/" + name) ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });
}
