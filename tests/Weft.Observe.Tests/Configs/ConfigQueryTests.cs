using Weft.Observe.Configs;

namespace Weft.Observe.Tests.Configs;

public sealed class ConfigQueryTests
{
    [Theory]
    [InlineData("local", "local")]
    [InlineData("LOCAL", "local")]
    [InlineData("127.0.0.1:8080", "local")]
    [InlineData("port_value=8080", "local")]
    [InlineData("\"port_value: 8080\"", "local")]
    [InlineData("cluster remote", "remote remote-eds")]
    [InlineData("connect_timeout=2s", "")]
    [InlineData("connect_timeout local 8080", "local")]
    [InlineData("route_config_name=shop", "web")]
    [InlineData("secret", "cert")]
    public void All_words_must_be_in_a_resource_in_whatever_part_of_it(string text, string expected)
    {
        var query = ConfigQuery.Parse(text);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), ConfigDumpReaderTests.Read().Resources.Where(query.Matches).Select(resource => resource.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \"")]
    public void Without_a_word_everything_is_found(string text)
    {
        var query = ConfigQuery.Parse(text);
        Assert.True(query.IsEmpty);
        Assert.All(ConfigDumpReaderTests.Read().Resources, resource => Assert.True(query.Matches(resource)));
    }

    [Fact]
    public void Lines_are_told_with_the_fields_around_them()
    {
        var local = ConfigDumpReaderTests.Find(ConfigDumpReaderTests.Read(), "local");
        Assert.Equal(
            [new ConfigLine(2, "connect_timeout: 1s", ""), new ConfigLine(10, "port_value: 8080", "load_assignment.endpoints.lb_endpoints.endpoint.address.socket_address")],
            ConfigQuery.Parse("connect_timeout port_value").Lines(local, 5));
        Assert.Equal([new ConfigLine(10, "port_value: 8080", "load_assignment.endpoints.lb_endpoints.endpoint.address.socket_address")], ConfigQuery.Parse("127.0.0.1:8080").Lines(local, 5));
        Assert.Single(ConfigQuery.Parse("connect_timeout port_value").Lines(local, 1));
    }

    [Fact]
    public void An_equals_sign_without_a_field_before_it_is_itself()
    {
        Assert.True(ConfigQuery.Parse("%REQ(x)%=y").Matches(new ConfigResource("Listener", "", "", "", "", "", "format: \"%REQ(x)%=y\"\n", [])));
        Assert.False(ConfigQuery.Parse("format=z").Matches(new ConfigResource("Listener", "", "", "", "", "", "format: y\n", [])));
    }
}
