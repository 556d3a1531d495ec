using System.Text;

using Weft.Config;
using Weft.Proxy.Routing.Matching;
using RegexMatcher = Weft.Proxy.Routing.Matching.RegexMatcher;

namespace Weft.Proxy.Tests.Routing.Matching;

public class Re2PatternTests
{
    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("abc", "xabc", false)]
    [InlineData("abc", "abcx", false)]
    [InlineData("", "", true)]
    [InlineData("a|ab", "ab", true)]
    [InlineData("^abc$", "abc", true)]
    [InlineData("abc$", "abc\n", false)]
    [InlineData("(?m)a$\\nb", "a\nb", true)]
    [InlineData("(?m:a$)\\nb$", "a\nb", true)]
    [InlineData(@"\Aabc\z", "abc", true)]
    [InlineData("a.c", "a\nc", false)]
    [InlineData("(?s)a.c", "a\nc", true)]
    [InlineData("(?s:a.)c", "a\nc", true)]
    [InlineData("(?i)AbC", "aBc", true)]
    [InlineData("(?i:a)b", "Ab", true)]
    [InlineData("(?i:a)b", "AB", false)]
    [InlineData("(?P<name>a+)b", "aab", true)]
    [InlineData("(?<name>a+)b", "aab", true)]
    [InlineData(@"\d+", "123", true)]
    [InlineData(@"\d", "\u0664", false)]
    [InlineData(@"\D", "\u0664", true)]
    [InlineData(@"\w+", "aZ_9", true)]
    [InlineData(@"\w", "\u00e9", false)]
    [InlineData(@"\W", "\u00e9", true)]
    [InlineData(@"\s", "\v", false)]
    [InlineData(@"[\s]", "\t", true)]
    [InlineData(@"[^\d]", "x", true)]
    [InlineData(@"[^\D]", "5", true)]
    [InlineData(@"[\w.-]+", "a.b-c_d", true)]
    [InlineData("[[:alpha:]]+", "abC", true)]
    [InlineData("[[:alpha:]]+", "ab1", false)]
    [InlineData("[[:^alpha:]]+", "12", true)]
    [InlineData("[^[:space:]]+", "ab", true)]
    [InlineData("[]a]+", "]a", true)]
    [InlineData("[^]a]", "b", true)]
    [InlineData("[a-z-[aeiou]]", "b]", true)]
    [InlineData("[a-z-[aeiou]]", "[]", true)]
    [InlineData(@"[\[\]\\^-]+", @"[]\^-", true)]
    [InlineData("[a-]+", "a-", true)]
    [InlineData("[a&&b]+", "a&b", true)]
    [InlineData(@"\x41\x{42}\103", "ABC", true)]
    [InlineData(@"\x{e9}", "\u00e9", true)]
    [InlineData(@"\x{1F600}", "\U0001F600", true)]
    [InlineData(@"\pL\p{Lu}\PN", "aBc", true)]
    [InlineData(@"[\pN]+", "12", true)]
    [InlineData(@"\Qa.b[\E+", "a.b[[[", true)]
    [InlineData(@"\Qa.b", "a.b", true)]
    [InlineData(@"\.\*\-\/\#\ ", ".*-/# ", true)]
    [InlineData("a b#c", "a b#c", true)]
    [InlineData("a{2}", "aa", true)]
    [InlineData("a{2,3}", "aaaa", false)]
    [InlineData("a{2,}?", "aaaa", true)]
    [InlineData("a{,2}", "a{,2}", true)]
    [InlineData("{x}", "{x}", true)]
    [InlineData("a+?b*?", "aabb", true)]
    [InlineData(@"\ba\b", "a", true)]
    [InlineData(@"a\tb", "a\tb", true)]
    [InlineData("/service/[^/]+/v[12]/.*", "/service/x/v2/y/z", true)]
    [InlineData(".", "\u00e9", true)]
    [InlineData("é+", "éé", true)]
    public void An_expression_means_what_it_means_in_RE2(string re2, string value, bool matches)
        => Assert.Equal(matches, Matcher(re2).IsMatch(Encoding.UTF8.GetBytes(value)));

    [Theory]
    [InlineData("a(?=b)", "invalid perl operator: (?=: a(?=b)")]
    [InlineData("a(?!b)", "invalid perl operator: (?!: a(?!b)")]
    [InlineData("(?<=a)b", "invalid perl operator: (?<: (?<=a)b")]
    [InlineData("(?>a)", "invalid perl operator: (?>: (?>a)")]
    [InlineData("(?#c)a", "invalid perl operator: (?#: (?#c)a")]
    [InlineData("(?x)a", "invalid perl operator: (?x: (?x)a")]
    [InlineData(@"(a)\1", @"invalid escape sequence: \1: (a)\1")]
    [InlineData(@"\Z", @"invalid escape sequence: \Z: \Z")]
    [InlineData(@"\C", @"not supported: \C (one byte): \C")]
    [InlineData("(?U)a", "not supported: ungreedy flag (?U): (?U)a")]
    [InlineData(@"\p{Greek}", @"not supported: character class \p{Greek} (general categories only): \p{Greek}")]
    [InlineData("a(b", "missing ): a(b")]
    [InlineData("a)b", "unexpected ): a)b")]
    [InlineData("[a", "missing ]: [a")]
    [InlineData("[z-a]", "invalid character class range: [z-a]")]
    [InlineData("[[:nope:]]", "invalid character class range: [[:nope:]]")]
    [InlineData("a{1001}", "invalid repetition size: {1001}: a{1001}")]
    [InlineData("a{3,2}", "invalid repetition size: {3,2}: a{3,2}")]
    [InlineData(@"a\", @"trailing \: a\")]
    [InlineData("(?P<n", "invalid named capture group: (?P<n")]
    [InlineData("a**", "invalid regular expression 'a**': NestedQuantifiersNotParenthesized")]
    [InlineData("*a", "invalid regular expression '*a': QuantifierAfterNothing")]
    public void What_RE2_refuses_or_cannot_be_said_is_refused(string re2, string error)
    {
        var context = new ConfigContext();
        Assert.False(RegexMatcher.Create(new Envoy.Type.Matcher.V3.RegexMatcher { Regex = re2 }, context).IsMatch("a"u8));
        Assert.Equal([error], context.Findings.Errors.Select(static fault => fault.Text));
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|a)*b")]
    [InlineData("(.*)*x")]
    [InlineData("(a?){50}a{50}")]
    public void Hostile_input_takes_linear_time(string re2)
    {
        // A backtracking engine would not come back from this within a human life.
        var value = Encoding.ASCII.GetBytes(new string('a', 20_000) + "!");
        Assert.False(Matcher(re2).IsMatch(value));
    }

    [Fact]
    public void An_automaton_that_would_be_too_large_is_refused()
    {
        var context = new ConfigContext();
        RegexMatcher.Create(new Envoy.Type.Matcher.V3.RegexMatcher { Regex = "((a{1,100}){1,100}){1,100}" }, context);
        Assert.Contains("is too large", Assert.Single(context.Findings.Errors).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_escaped_ascii_character_means_itself()
    {
        for (var c = ' '; c < 0x7F; c++)
        {
            if (char.IsAsciiLetterOrDigit(c)) continue;
            Assert.True(Matcher($"\\{c}").IsMatch([(byte)c]), $"\\{c}");
            Assert.True(Matcher($"[\\{c}]").IsMatch([(byte)c]), $"[\\{c}]");
            Assert.True(Matcher($"\\Q{c}\\E").IsMatch([(byte)c]), $"\\Q{c}\\E");
            if (c is not ('^' or '[' or ']' or '\\')) Assert.True(Matcher($"[a{c}]").IsMatch([(byte)c]), $"[a{c}]");
        }
    }

    [Fact]
    public void What_is_no_UTF8_does_not_evade_a_dot()
        => Assert.True(Matcher("/admin/.*").IsMatch([.. "/admin/"u8, 0xFF, 0xC0]));

    [Fact]
    public void Matching_allocates_nothing_once_warm()
    {
        var matcher = Matcher("/a/[0-9]+/(b|c).*");
        var value = "/a/123/cxyz"u8.ToArray();
        Assert.Equal(0, Allocations.Of(() => matcher.IsMatch(value)));
    }

    [Fact]
    public async Task Threads_match_with_the_same_expression()
    {
        var matcher = Matcher("a[0-9]+b");
        var value = Encoding.ASCII.GetBytes("a" + new string('1', 100) + "b");
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () => Enumerable.Range(0, 1000).All(_ => matcher.IsMatch(value)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.All(results, Assert.True);
    }

    private static Weft.Proxy.Routing.Matching.StringMatcher Matcher(string re2)
    {
        var context = new ConfigContext();
        var matcher = RegexMatcher.Create(new Envoy.Type.Matcher.V3.RegexMatcher { Regex = re2 }, context);
        Assert.Empty(context.Findings.Errors);
        return matcher;
    }
}
