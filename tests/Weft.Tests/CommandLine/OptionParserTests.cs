using Weft.CommandLine;

namespace Weft.Tests.CommandLine;

public class OptionParserTests
{
    private static readonly CommandOption[] Table =
    [
        new("G", "config-path", "path", "File.") { Short = 'c' },
        new("G", "concurrency", "number", "Threads.") { Default = "4", IsNumber = true },
        new("G", "tag", "tag", "Tag.") { IsRepeatable = true },
        new("G", "quiet", null, "Quiet."),
    ];

    [Theory]
    [InlineData("-c", "f.yaml")]
    [InlineData("-cf.yaml")]
    [InlineData("-c=f.yaml")]
    [InlineData("--config-path", "f.yaml")]
    [InlineData("--config-path=f.yaml")]
    public void A_value_may_be_attached_or_follow(params string[] args) =>
        Assert.Equal("f.yaml", OptionParser.Parse(Table, args).Text("config-path"));

    [Fact]
    public void A_value_may_begin_with_a_dash() => Assert.Equal("-x", OptionParser.Parse(Table, ["-c", "-x"]).Text("config-path"));

    [Fact]
    public void A_value_may_contain_an_equals_sign() => Assert.Equal("a=b", OptionParser.Parse(Table, ["--config-path=a=b"]).Text("config-path"));

    [Fact]
    public void What_is_not_given_has_its_default()
    {
        var given = OptionParser.Parse(Table, ["--quiet"]);
        Assert.True(given.IsGiven("quiet"));
        Assert.False(given.IsGiven("concurrency"));
        Assert.Equal(4u, given.Number("concurrency"));
        Assert.Equal("", given.Text("config-path"));
    }

    [Fact]
    public void A_repeatable_option_keeps_every_value() =>
        Assert.Equal(["a:1", "b:2"], OptionParser.Parse(Table, ["--tag", "a:1", "--tag=b:2"]).All("tag"));

    [Theory]
    [InlineData("PARSE ERROR: Argument: --concurency\n             Couldn't find match for argument; did you mean --concurrency?", "--concurency", "2")]
    [InlineData("PARSE ERROR: Argument: --zzz\n             Couldn't find match for argument", "--zzz")]
    [InlineData("PARSE ERROR: Argument: -x\n             Couldn't find match for argument", "-x")]
    [InlineData("PARSE ERROR: Argument: stray\n             Couldn't find match for argument", "stray")]
    [InlineData("PARSE ERROR: Argument: -c (--config-path)\n             Missing a value for this argument!", "-c")]
    [InlineData("PARSE ERROR: Argument: -c (--config-path)\n             Argument already set!", "-c", "a", "-c", "b")]
    [InlineData("PARSE ERROR: Argument: (--concurrency)\n             Couldn't read argument value from string 'two'", "--concurrency", "two")]
    [InlineData("PARSE ERROR: Argument: (--concurrency)\n             Couldn't read argument value from string '-1'", "--concurrency", "-1")]
    [InlineData("PARSE ERROR: Argument: (--quiet)\n             This argument takes no value!", "--quiet=yes")]
    public void What_cannot_be_understood_is_said_in_Envoys_words(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => OptionParser.Parse(Table, args)).Message);

    [Fact]
    public void Arguments_are_collected_where_they_are_allowed() =>
        Assert.Equal(["a", "b", "-c"], OptionParser.Parse(Table, ["a", "--quiet", "b", "--", "-c"], allowArguments: true).Arguments);
}
