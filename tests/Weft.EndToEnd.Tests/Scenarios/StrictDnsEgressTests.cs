using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>Several servers under one DNS name: all of its addresses are used, and a change is followed.</summary>
public sealed class StrictDnsEgressTests
{
    [NetnsFact]
    public async Task Every_address_of_the_name_is_used_and_changes_are_followed()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.6.2");
        network.AddHost("webserver01", "172.31.6.11").AddWebServer(80);
        network.AddHost("webserver02", "172.31.6.12").AddWebServer(80);
        network.AddHost("webserver03", "172.31.6.13").AddWebServer(80);
        var names = network.AddHost("dns", "172.31.6.53").AddNameServer("172.31.6.11 myweb", "172.31.6.12 myweb");
        client.SetNameServer("172.31.6.53");
        await using var weft = await WeftProcess.StartOnAsync(client, "StrictDnsEgress/envoy.yaml");

        Assert.Equal(["webserver01", "webserver02"], await ServersAsync(client));

        names.Change("172.31.6.12 myweb", "172.31.6.13 myweb");
        await Wait.Until(async () => (await weft.GetAdmin("/clusters")).Contains("web_cluster::172.31.6.13:80::", StringComparison.Ordinal), "the new address", () => weft.Log);
        Assert.Equal(["webserver02", "webserver03"], await ServersAsync(client));
        Assert.DoesNotContain("172.31.6.11", await weft.GetAdmin("/clusters"), StringComparison.Ordinal);
    }

    [NetnsFact]
    public async Task A_name_server_that_ends_takes_no_server_away()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.6.2");
        network.AddHost("webserver01", "172.31.6.11").AddWebServer(80);
        var names = network.AddHost("dns", "172.31.6.53").AddNameServer("172.31.6.11 myweb");
        client.SetNameServer("172.31.6.53");
        await using var weft = await WeftProcess.StartOnAsync(client, "StrictDnsEgress/envoy.yaml");
        Assert.Equal(["webserver01"], await ServersAsync(client));

        names.Stop();
        await weft.WaitForStat("cluster.web_cluster.update_failure", 1);
        Assert.Equal(["webserver01"], await ServersAsync(client));
        await weft.ExpectStat("cluster.web_cluster.membership_healthy", 1);
        await weft.ExpectStat("cluster.web_cluster.upstream_rq_5xx", 0);
    }

    [NetnsFact]
    public async Task Every_line_of_the_hosts_file_with_the_name_is_used()
    {
        using var network = new TestNetwork();
        var client = network.AddHost("client", "172.31.6.2");
        network.AddHost("webserver01", "172.31.6.11").AddWebServer(80);
        network.AddHost("webserver02", "172.31.6.12").AddWebServer(80);
        client.SetNames("172.31.6.11 webserver01 myweb", "172.31.6.12 webserver02 myweb");
        await using var weft = await WeftProcess.StartOnAsync(client, "StrictDnsEgress/envoy.yaml");

        Assert.Equal(["webserver01", "webserver02"], await ServersAsync(client));
    }

    /// <summary>Who answers eight requests of one connection.</summary>
    private static async Task<string[]> ServersAsync(NetworkHost client)
    {
        var answers = await client.Curl([.. Enumerable.Repeat("http://127.0.0.1/hostname", 8)]);
        return [.. answers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["ServerName: ".Length..]).Distinct().Order()];
    }
}
