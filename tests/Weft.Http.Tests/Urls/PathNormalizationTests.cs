using System.Text;
using Weft.Base;
using Weft.Http.Urls;

namespace Weft.Http.Tests.Urls;

public sealed class PathNormalizationTests
{
    [Theory]
    [InlineData("/xyz", "/xyz")]
    [InlineData("/x/y/z", "/x/y/z")]
    [InlineData("/a/b/../c", "/a/c")]
    [InlineData("/a/b/./c", "/a/b/c")]
    [InlineData("a/b/../c", "/a/c")]
    [InlineData("/a/b/../../../../c", "/c")]
    [InlineData("/a/..\\c", "/c")]
    [InlineData("/%c0%af", "/%c0%af")]
    [InlineData("/%5c%25", "/%5c%25")]
    [InlineData("/a/b/%2E%2E/c", "/a/c")]
    [InlineData("/a/b/%2e%2e/c", "/a/c")]
    [InlineData("/a/%2e./%2e/c", "/c")]
    [InlineData("/A/B/C", "/A/B/C")]
    [InlineData("/a/%2F%2f/c", "/a/%2F%2f/c")]
    [InlineData("/info/../private", "/private")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/a/..", "/")]
    [InlineData("/..", "/")]
    [InlineData("/.", "/")]
    [InlineData("/...", "/...")]
    [InlineData("/.a/..b/c.", "/.a/..b/c.")]
    [InlineData("/a//../b", "/a/b")]
    [InlineData("/%61%7E%2D%5F%41%30", "/a~-_A0")]
    [InlineData("/a%2Eb", "/a.b")]
    [InlineData("/%zz", "/%zz")]
    [InlineData("/%", "/%")]
    [InlineData("/%4", "/%4")]
    [InlineData("/%%32F", "/%%32F")]
    [InlineData("/%%32%46", "/%%32F")]
    [InlineData("/%2%46", "/%2%46")]
    [InlineData("/<a>\"^`{|}", "/%3Ca%3E%22%5E%60%7B%7C%7D")]
    [InlineData("/a?b/../c%41", "/a?b/../c%41")]
    [InlineData("/a/..?/..", "/?/..")]
    public void Path_is_normalized_as_Envoy_does(string path, string expected)
        => Assert.Equal((PathVerdict.Continue, expected), Apply(path, normalize: true));

    [Theory]
    [InlineData("/xyz/.%00../abc")]
    [InlineData("/xyz/%00.%00./abc")]
    [InlineData("/xyz/AAAAA%%0000/abc")]
    public void Path_with_an_encoded_NUL_is_refused(string path)
        => Assert.Equal(PathVerdict.Reject, Apply(path, normalize: true).Verdict);

    [Theory]
    [InlineData("/a#b")]
    [InlineData("/a?b#c")]
    public void Fragment_is_refused_whatever_is_configured(string path)
        => Assert.Equal(PathVerdict.Reject, Apply(path).Verdict);

    [Theory]
    [InlineData("a//b/c", "a/b/c")]
    [InlineData("/a//b/c/", "/a/b/c/")]
    [InlineData("/a", "/a")]
    [InlineData("//a/b/c", "/a/b/c")]
    [InlineData("/a/b/c//", "/a/b/c/")]
    [InlineData("/a////b/c", "/a/b/c")]
    [InlineData("/a//b?a=///c", "/a/b?a=///c")]
    [InlineData("/a//b?", "/a/b?")]
    [InlineData("//a/?b", "/a/?b")]
    public void Slashes_are_merged(string path, string expected)
        => Assert.Equal((PathVerdict.Continue, expected), Apply(path, merge: true));

    [Theory]
    [InlineData("/a%2Fb%2fc/", "/a/b/c/")]
    [InlineData("/%2b", null)]
    [InlineData("/a/b/c", null)]
    [InlineData("/abc%2", null)]
    [InlineData("/foo%", null)]
    [InlineData("/%%2fa/", "/%/a/")]
    [InlineData("/%2%2fa/", "/%2/a/")]
    [InlineData("/%5c%5C", "/\\\\")]
    [InlineData("/x/%2E%2e/z%2f%2Fabc%5C../def", "/x/%2E%2e/z//abc\\../def")]
    [InlineData("/%2fa?%2fabcd%5C%%2f%", "//a?%2fabcd%5C%%2f%")]
    public void Escaped_slashes_are_treated_as_configured(string path, string? unescaped)
    {
        var found = unescaped is not null;
        Assert.Equal((PathVerdict.Continue, path), Apply(path));
        Assert.Equal((PathVerdict.Continue, unescaped ?? path), Apply(path, slashes: EscapedSlashes.UnescapeAndForward));
        Assert.Equal((found ? PathVerdict.Redirect : PathVerdict.Continue, unescaped ?? path), Apply(path, slashes: EscapedSlashes.UnescapeAndRedirect));
        Assert.Equal((found ? PathVerdict.Reject : PathVerdict.Continue, path), Apply(path, slashes: EscapedSlashes.RejectRequest));
    }

    [Fact]
    public void Unescaping_normalizing_and_merging_follow_each_other()
        => Assert.Equal((PathVerdict.Continue, "/private/x?q"), Apply("/info%2f..%5c/private//x?q", normalize: true, merge: true, EscapedSlashes.UnescapeAndForward));

    [Fact]
    public void Asterisk_and_missing_path_are_left_alone()
    {
        Assert.Equal((PathVerdict.Continue, "*"), Apply("*", normalize: true, merge: true));
        Assert.Equal(PathVerdict.Continue, PathNormalization.Apply(new HeaderMap(), true, true, EscapedSlashes.RejectRequest));
    }

    [Fact]
    public void Long_path_is_normalized_too()
    {
        var segment = new string('a', 3000);
        Assert.Equal((PathVerdict.Continue, $"/{segment}/{segment}?q"), Apply($"/{segment}/x/../{segment}?q", normalize: true));
    }

    [Fact]
    public void Normal_path_stays_as_it_is_and_has_no_dot_segments()
    {
        var random = new RandomSource(7);
        for (var i = 0; i < 20_000; i++)
        {
            var path = "/" + string.Concat(Enumerable.Range(0, 8).Select(_ => Pieces[random.Next((uint)Pieces.Length)]));
            var (verdict, once) = Apply(path, normalize: true, merge: random.Next(2) == 0);
            if (verdict == PathVerdict.Reject) continue;
            Assert.Equal((PathVerdict.Continue, once), Apply(once, normalize: true));
            Assert.DoesNotContain("/../", once + "/", StringComparison.Ordinal);
            Assert.DoesNotContain("/./", once + "/", StringComparison.Ordinal);
            Assert.DoesNotContain('\\', once);
        }
    }

    private static readonly string[] Pieces = ["/", ".", "..", "%", "2", "e", "%2e", "%2E", "%2f", "a", "\\", "%25", "%5c", "%32", "%%", "//", "%41", "%7f", "%00", "<"];

    private static (PathVerdict Verdict, string Path) Apply(string path, bool normalize = false, bool merge = false, EscapedSlashes slashes = EscapedSlashes.KeepUnchanged)
    {
        var headers = new HeaderMap();
        headers.Add(KnownHeader.Path, Wire.Bytes(path));
        var verdict = PathNormalization.Apply(headers, normalize, merge, slashes);
        return (verdict, Encoding.Latin1.GetString(headers.Get(KnownHeader.Path)));
    }
}
