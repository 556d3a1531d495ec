using System.Text;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;

namespace Weft.Proxy.Tests.HttpFilters.GrpcJsonTranscoder;

public sealed class PathTemplateTests
{
    [Theory]
    [InlineData("/a/b", "/a/b", true)]
    [InlineData("/a/b", "/a/b/c", false)]
    [InlineData("/a/*", "/a/x", true)]
    [InlineData("/a/*", "/a", false)]
    [InlineData("/a/**", "/a", true)]
    [InlineData("/a/**", "/a/b/c", true)]
    [InlineData("/a/{b}", "/a/x", true)]
    [InlineData("/a/{b=c/*}", "/a/c/x", true)]
    [InlineData("/a/{b=c/*}", "/a/d/x", false)]
    [InlineData("/a/{b=**}", "/a/c/x/y", true)]
    public void A_path_fits_its_template(string template, string path, bool fits) =>
        Assert.Equal(fits, Match(PathTemplate.Parse(template)!, path) is not null);

    [Theory]
    [InlineData("/shelves/{id}", "/shelves/7", "id=7")]
    [InlineData("/v1/{name=shelves/*/books/*}", "/v1/shelves/1/books/2", "name=shelves/1/books/2")]
    [InlineData("/{a.b}/x/{c=**}", "/1/x/2/3", "a.b=1,c=2/3")]
    public void Variables_are_the_text_of_their_segments(string template, string path, string variables) =>
        Assert.Equal(variables, Match(PathTemplate.Parse(template)!, path));

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("/a/{b")]
    [InlineData("/a/{b=}")]
    [InlineData("/a/{}")]
    [InlineData("/a//b")]
    [InlineData("/**/b")]
    [InlineData("/a:")]
    [InlineData("/{a={b}}")]
    public void What_is_no_template_is_refused(string text) => Assert.Null(PathTemplate.Parse(text));

    [Fact]
    public void A_verb_is_no_part_of_the_last_segment()
    {
        var template = PathTemplate.Parse("/a/{b=c/*}:cancel")!;
        Assert.Equal("cancel", template.Verb);
        Assert.Equal("b=c/x", Match(template, "/a/c/x"));
    }

    /// <summary>Null when the path does not fit, else its variables.</summary>
    private static string? Match(PathTemplate template, string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        var segments = new List<Range>();
        for (var start = 1; start <= path.Length;)
        {
            var end = path.IndexOf('/', start) is >= 0 and var slash ? slash : path.Length;
            segments.Add(start..end);
            start = end + 1;
        }

        var ranges = segments.ToArray();
        return template.Matches(bytes, ranges)
            ? string.Join(',', template.Variables.Select(variable => $"{variable.FieldPath}={Encoding.UTF8.GetString(variable.TextIn(bytes, ranges))}"))
            : null;
    }
}
