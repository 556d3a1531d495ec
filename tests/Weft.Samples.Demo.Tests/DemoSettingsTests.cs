using System.Net;

namespace Weft.Samples.Demo.Tests;

public sealed class DemoSettingsTests
{
    [Fact]
    public void Nothing_set_listens_on_loopback_8080_under_the_machines_name()
    {
        var settings = From([]);
        Assert.Equal((IPAddress.Loopback, 8080, Dns.GetHostName()), (settings.Host, settings.Port, settings.Name));
        Assert.Equal(("v1.0", "none"), (settings.Version, settings.Color));
    }

    [Fact]
    public void Variables_set_what_they_name()
    {
        var settings = From(new() { ["HOST"] = "127.0.0.2", ["PORT"] = "0", ["NAME"] = "a", ["VERSION"] = "v2.0", ["COLOR"] = "red" });
        Assert.Equal((IPAddress.Parse("127.0.0.2"), 0, "a"), (settings.Host, settings.Port, settings.Name));
        Assert.Equal(("v2.0", "red"), (settings.Version, settings.Color));
    }

    [Fact]
    public void Addresses_to_call_stand_between_commas() =>
        Assert.Equal(["http://127.0.0.1/a", "http://b/"], From(new() { ["CALLS"] = "http://127.0.0.1/a,http://b" }).Calls.Select(address => address.ToString()));

    [Fact]
    public void An_address_to_call_that_is_none_is_refused() =>
        Assert.Equal("CALLS: b is no http:// address", Assert.Throws<FormatException>(() => From(new() { ["CALLS"] = "http://a,b" })).Message);

    [Fact]
    public void Service_name_counts_only_without_a_name()
    {
        Assert.Equal("service", From(new() { ["SERVICE_NAME"] = "service" }).Name);
        Assert.Equal("name", From(new() { ["SERVICE_NAME"] = "service", ["NAME"] = "name" }).Name);
    }

    [Fact]
    public void Version_gets_its_v_when_written_without() => Assert.Equal("v1.2", From(new() { ["VERSION"] = "1.2" }).Version);

    [Theory]
    [InlineData("HOST", "nowhere")]
    [InlineData("PORT", "65536")]
    [InlineData("PORT", "-1")]
    [InlineData("PORT", "http")]
    public void Value_that_cannot_be_is_refused_by_name(string variable, string value) =>
        Assert.StartsWith($"{variable}={value} ", Assert.Throws<FormatException>(() => From(new() { [variable] = value })).Message);

    private static DemoSettings From(Dictionary<string, string> variables) =>
        DemoSettings.FromEnvironment(name => variables.GetValueOrDefault(name));
}
