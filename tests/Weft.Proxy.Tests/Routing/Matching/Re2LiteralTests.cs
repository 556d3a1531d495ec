using System.Text;
using System.Text.RegularExpressions;
using Weft.Base;
using Weft.Config;
using Weft.Proxy.Routing.Matching;
using RegexMatcher = Weft.Proxy.Routing.Matching.RegexMatcher;

namespace Weft.Proxy.Tests.Routing.Matching;

public class Re2LiteralTests
{
    [Theory]
    [InlineData("/api/v1", "/api/v1", 2)]
    [InlineData("^/api/v1$", "/api/v1", 2)]
    [InlineData("/api/.*", "/api/", 1)]
    [InlineData("^/api/.*$", "/api/", 1)]
    [InlineData(".*", "", 1)]
    [InlineData("/api/.+", "/api/", 0)]
    [InlineData("/api/.*x", "/api/", 0)]
    [InlineData(@"a\.b\/c", "a.b/c", 2)]
    [InlineData(@"a\.", "a.", 2)]
    [InlineData(@"a\$", "a$", 2)]
    [InlineData("ab?c", "a", 0)]
    [InlineData("ab*", "a", 0)]
    [InlineData("ab+", "a", 0)]
    [InlineData("ab{0,1}", "a", 0)]
    [InlineData(@"ab\d", "ab", 0)]
    [InlineData("a(b|c)d", "a", 0)]
    [InlineData("ab|cd", "", 0)]
    [InlineData("a[(]|b", "", 0)]
    [InlineData(@"a\Q(\E|b", "", 0)]
    [InlineData(@"a\(|b", "", 0)]
    [InlineData("(?i)abc", "", 0)]
    [InlineData("ab(?i)c", "ab", 0)]
    [InlineData("é", "", 0)]
    [InlineData("", "", 2)]
    public void What_an_expression_begins_with_is_seen(string re2, string prefix, int rest)
    {
        var literal = Re2Literal.Of(re2);
        Assert.Equal(prefix, Encoding.ASCII.GetString(literal.Prefix));
        Assert.Equal((Re2Rest)rest, literal.Rest);
    }

    [Fact]
    public void It_never_rules_out_what_the_expression_takes()
    {
        var random = new RandomSource(3);
        for (var i = 0; i < 2_000; i++)
        {
            var re2 = Random(random, ["a", "b", "|", "(", ")", "*", "?", "+", ".", "[ab]", "^", "$", @"\.", "{2}", ".*"]);
            if (RegexMatcher.Compile(re2, wholeValue: true, out _) is not { } pattern) continue;
            var matcher = RegexMatcher.Create(new Envoy.Type.Matcher.V3.RegexMatcher { Regex = re2 }, new ConfigContext());
            var value = Random(random, ["a", "b", ".", "\n"]);
            Assert.Equal(Regex.IsMatch(value, pattern, PerThreadRegex.Options), matcher.IsMatch(Encoding.ASCII.GetBytes(value)));
        }
    }

    private static string Random(RandomSource random, string[] pieces)
    {
        var text = new StringBuilder();
        for (var length = random.Next(7); length > 0; length--) text.Append(pieces[(int)random.Next((uint)pieces.Length)]);
        return text.ToString();
    }
}
