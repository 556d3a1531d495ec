using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Running;

/// <summary>The executable as a user of Envoy calls it: texts, exit codes, merging, starting with little.</summary>
public sealed class CommandLineTests
{
    private const string AdminOnly = "CommandLine/admin-only.yaml";

    [Fact]
    public async Task A_valid_file_is_told_to_be_OK()
    {
        var (code, output, _) = await WeftProcess.RunAsync("proxy", "--mode", "validate", "-c", Scenario(AdminOnly));
        Assert.Equal(0, code);
        Assert.Equal($"configuration '{Scenario(AdminOnly)}' OK\n", output);
    }

    [Fact]
    public async Task All_faults_are_told_at_once_with_position_and_suggestion()
    {
        var file = Scenario("CommandLine/faulty.yaml");

        var (code, output, error) = await WeftProcess.RunAsync("proxy", "--mode", "validate", "-c", file);

        Assert.Equal(1, code);
        Assert.DoesNotContain("OK", output, StringComparison.Ordinal);
        Assert.Equal(
        [
            $"error: {file}:2:3  admin.adress  unknown field; did you mean address?",
            $"error: {file}:7:54  static_resources.listeners[0].address.socket_address.port_value  value must be less than or equal to 65535",
            $"error: {file}:12:20  static_resources.listeners[0].filter_chains[0].filters[0].typed_config  unknown type envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManagr; did you mean envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager?",
            $"error: {file}:16:11  static_resources.clusters[0].type  unknown value \"STATIK\" of envoy.config.cluster.v3.Cluster.DiscoveryType; did you mean STATIC?",
            $"error: {file}:17:5  static_resources.clusters[0].conect_timeout  unknown field; did you mean connect_timeout?",
        ],
        error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_faulty_file_does_not_start()
    {
        var (code, _, error) = await WeftProcess.RunAsync("proxy", "-c", Scenario("CommandLine/faulty.yaml"));
        Assert.Equal(1, code);
        Assert.Contains("[critical][main]", error, StringComparison.Ordinal);
        Assert.Contains("faulty.yaml:2:3  admin.adress  unknown field; did you mean address?", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_configuration_it_says_what_is_missing()
    {
        var (code, _, error) = await WeftProcess.RunAsync("proxy");
        Assert.Equal(1, code);
        Assert.Contains("At least one of --config-path or --config-yaml", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var (code, _, error) = await WeftProcess.RunAsync("proxy", "--mode", "validate", "-c", "/nonexistent/envoy.yaml");
        Assert.Equal(1, code);
        Assert.Contains("/nonexistent/envoy.yaml", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_section_alone_is_enough_to_start()
    {
        await using var weft = await WeftProcess.StartAsync(await File.ReadAllTextAsync(Scenario(AdminOnly)));
        Assert.Equal("LIVE\n", await weft.GetAdmin("/ready"));
        Assert.Equal("", await weft.GetAdmin("/listeners"));
        Assert.Equal("", await weft.GetAdmin("/clusters"));
        Assert.Equal(0, await weft.StopAsync());
    }

    [Fact]
    public async Task Config_yaml_is_merged_over_the_file()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("pong"));
        await using var weft = await WeftProcess.StartAsync(
            "node: { id: from-file, cluster: kept }\n" + Configs.HttpProxy(upstream.Port),
            "--config-yaml", "{ node: { id: from-command-line }, static_resources: { clusters: [{ name: second }] } }", "--service-zone", "z1");

        using var info = JsonDocument.Parse(await weft.GetAdmin("/server_info"));
        var node = info.RootElement.GetProperty("node");
        Assert.Equal(("from-command-line", "kept"), (node.GetProperty("id").GetString(), node.GetProperty("cluster").GetString()));
        Assert.Equal("z1", node.GetProperty("locality").GetProperty("zone").GetString());
        // Repeated fields are appended to.
        var clusters = await weft.GetAdmin("/clusters");
        Assert.Contains("backend::added_via_api::false\n", clusters, StringComparison.Ordinal);
        Assert.Contains("second::added_via_api::false\n", clusters, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_yaml_alone_is_a_configuration()
    {
        var (code, output, _) = await WeftProcess.RunAsync("proxy", "--mode", "validate", "--config-yaml", await File.ReadAllTextAsync(Scenario(AdminOnly)));
        Assert.Equal(0, code);
        Assert.Equal("configuration '' OK\n", output);
    }

    [Fact]
    public async Task A_link_named_envoy_is_the_proxy()
    {
        var directory = Directory.CreateTempSubdirectory("weft-link-").FullName;
        try
        {
            var link = Path.Combine(directory, "envoy");
            File.CreateSymbolicLink(link, WeftProcess.Binary);
            var (code, output, _) = await Shell.RunAsync(link, ["--mode", "validate", "-c", Scenario(AdminOnly)]);
            Assert.Equal(0, code);
            Assert.Equal($"configuration '{Scenario(AdminOnly)}' OK\n", output);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_taken_port_is_named_and_nothing_starts()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var yaml = Configs.HttpProxy(1).Replace("port_value: 0 ", $"port_value: {port} ", StringComparison.Ordinal);

        var (code, _, error) = await WeftProcess.RunAsync("proxy", "--config-yaml", yaml);

        Assert.Equal(1, code);
        Assert.Contains($"cannot bind '127.0.0.1:{port}': Address already in use", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_flag_is_refused()
    {
        var (code, _, error) = await WeftProcess.RunAsync("proxy", "--concurency", "1");
        Assert.Equal(1, code);
        Assert.Contains("PARSE ERROR: Argument: --concurency", error, StringComparison.Ordinal);
        Assert.Contains("--concurrency", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_is_written_to_log_path_and_reopened_on_a_signal()
    {
        var directory = Directory.CreateTempSubdirectory("weft-log-").FullName;
        try
        {
            var file = Path.Combine(directory, "envoy.log");
            await using var weft = await WeftProcess.StartAsync(await File.ReadAllTextAsync(Scenario(AdminOnly)), "--log-path", file);
            await Wait.Until(() => Task.FromResult(File.ReadAllText(file).Contains("starting main dispatch loop", StringComparison.Ordinal)), "the log to be written");
            File.Move(file, file + ".1");
            weft.Signal("USR1");
            await Wait.Until(() => Task.FromResult(File.Exists(file)), "the log to be reopened");
            Assert.Equal(0, await weft.StopAsync());
            Assert.Contains("main dispatch loop exited", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            Assert.DoesNotContain("main dispatch loop exited", await File.ReadAllTextAsync(file + ".1"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "Scenarios", name);
}
