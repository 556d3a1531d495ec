using System.Reflection;
using Weft.Observe.Serving;

namespace Weft.Observe.Api;

/// <summary>The files of the page, as they are embedded in the executable. Immutable.</summary>
internal sealed class PageFiles
{
    private const string Prefix = "page/";

    private readonly Dictionary<string, HttpAnswer> _files = new(StringComparer.Ordinal);

    private PageFiles(Assembly assembly)
    {
        foreach (var name in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            var path = name[(Prefix.Length - 1)..];
            _files[path] = new HttpAnswer(200, TypeOf(path), copy.ToArray()) { IsImmutable = path.StartsWith("/assets/", StringComparison.Ordinal) };
        }
    }

    public static PageFiles Embedded { get; } = new(typeof(PageFiles).Assembly);

    /// <summary>A file by its path; the page itself for <c>/</c>.</summary>
    public HttpAnswer? Find(string path)
    {
        if (path is not ("/" or "/zipkin"))
            return _files.GetValueOrDefault(path);
        return _files.TryGetValue("/index.html", out var page) ? page : HttpAnswer.Text(200, "This weft was built without Node.js, so it has no page. The queries are there: /api/v2/services, /metrics.");
    }

    private static string TypeOf(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
