using Envoy.Config.Core.V3;

namespace Weft.Config.Tests.Syntax;

public sealed class YamlTests
{
    [Theory]
    [InlineData("node: {id: b\nadmin:\n  x: y\n", "t.yaml:2:1  the bracket opened in line 1, column 7 is not closed")]
    [InlineData("node: [a, b\n", "t.yaml:2:1  while parsing a flow sequence, did not find expected ',' or ']'; the bracket opened in line 1, column 7 is not closed")]
    [InlineData("node:\n  id: a\n cluster: b\n", "t.yaml:3:2  while parsing a block mapping, did not find expected key")]
    [InlineData("node:\n\tid: a\n", "t.yaml:2:1  a tab stands where a line is indented; YAML wants spaces")]
    [InlineData("node: \"abc\n", "t.yaml:1:7  while scanning a quoted scalar, found unexpected end of stream")]
    [InlineData("node: *x\n", "t.yaml:1:7  there is no anchor &x")]
    [InlineData("node: { ? [1] : z }\n", "t.yaml:1:11  a key must be a single value")]
    [InlineData("- a\n", "t.yaml:1:1  expected a mapping, found a list")]
    [InlineData("text", "t.yaml:1:1  expected a mapping, found the text \"text\"")]
    [InlineData("node: { <<: 5 }\n", "t.yaml:1:9  a merge key needs a mapping or a list of mappings")]
    public void What_is_no_yaml_is_reported_where_it_is(string text, string line) => Assert.Equal([line], Reading.Lines(text));

    [Theory]
    [InlineData("{\"node\": {\"id\": \"x\",}}", "t.json:1:21  expected a key in double quotes")]
    [InlineData("{\"node\": {\"id\": tru}}", "t.json:1:17  unexpected character 't'")]
    [InlineData("{\"node\":\n {\"id\": \"x\"\n", "t.json:3:1  the text ends where '}' is expected")]
    [InlineData("{\"node\" {}}", "t.json:1:9  expected ':', found '{'")]
    [InlineData("{} {}", "t.json:1:4  there is more text behind the end of the value")]
    [InlineData("{\"node\": {\"id\": \"a\\qb\"}}", "t.json:1:20  unknown escape in a string")]
    [InlineData("{\"a\": 1-2}", "t.json:1:7  1-2 is no number")]
    [InlineData("[]", "t.json:1:1  expected a mapping, found a list")]
    public void What_is_no_json_is_reported_where_it_is(string text, string line) => Assert.Equal([line], Reading.Lines(text, name: "t.json"));

    [Fact]
    public void Json_has_positions_too()
        => Assert.Equal(["t.json:2:10  node.idd  unknown field; did you mean id?"], Reading.Lines("{\n\"node\": {\"idd\": \"\\u00e9\\n\"}}", name: "t.json"));

    [Fact]
    public void Only_the_first_document_counts()
        => Assert.Equal(["t.yaml:2:1  a second document begins here; only the first one is read"], Reading.Lines("node: {}\n---\nadmn: {}\n", Severity.Warning));

    [Fact]
    public void A_small_file_that_describes_a_huge_one_is_refused()
    {
        var bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat("bcdefgh".Select(c => $"{c}: &{c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 10))}]\n"));
        Assert.Contains("aliases make this text larger than 2000000 values", Assert.Single(Reading.Lines(bomb)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t.yaml")]
    [InlineData("t.json")]
    public void Nesting_without_end_is_refused(string name)
        => Assert.Contains("nested deeper than 200 levels", Assert.Single(Reading.Lines("{\"node\": " + new string('[', 5000) + new string(']', 5000) + "}", name: name)), StringComparison.Ordinal);

    [Theory]
    [InlineData("0x10", 16)]
    [InlineData("010", 8)]
    [InlineData("+5", 5)]
    [InlineData("-0x10", -16)]
    [InlineData("08", 8)]
    [InlineData("1_000", null)]
    public void Integers_are_read_as_the_yaml_reader_of_envoy_does(string text, int? expected)
    {
        var context = new ConfigContext();
        var option = ConfigReader.ReadText<SocketOption>($"level: {text}", "t.yaml", new ReadOptions { AllowUnimplemented = true }, context);
        Assert.Equal(expected ?? 0, option.Level);
    }
}
