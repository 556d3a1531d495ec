using System.Globalization;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>gRPC clients that find their servers by asking <c>weft xds-server</c>: no proxy between them.</summary>
public sealed class GrpcClientTests(XdsPeers peers) : IClassFixture<XdsPeers>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-xds-resources-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [XdsFact]
    public Task A_client_on_grpc_js_is_told_where_its_service_is() => IsToldWhereItsServiceIs(Shell.PathOf("node"), "client.js");

    [PythonGrpcFact]
    public Task A_client_on_python_is_told_where_its_service_is() => IsToldWhereItsServiceIs(PythonGrpcFactAttribute.Python, "client.py");

    [XdsFact]
    public Task A_client_on_grpc_js_follows_its_service() => FollowsItsService(Shell.PathOf("node"), "client.js");

    [PythonGrpcFact]
    public Task A_client_on_python_follows_its_service() => FollowsItsService(PythonGrpcFactAttribute.Python, "client.py");

    [XdsFact]
    public async Task The_server_tells_a_client_on_grpc_js_how_it_stands()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "service.yaml"), Resources(1));
        await using var server = await StartServer(out var port);
        var output = await Call(Shell.PathOf("node"), "status.js", port);
        Assert.Equal(["fetch peer SYNCED 1 who", "stream peer SYNCED 1 who"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        var (exitCode, table, error) = await Shell.RunAsync(WeftProcess.Binary, ["xds-server", "--status", "--port", port.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(exitCode == 0, error);
        Assert.StartsWith("NODE", table, StringComparison.Ordinal);
    }

    private async Task IsToldWhereItsServiceIs(string program, string script)
    {
        using var one = await StartService("one");
        using var two = await StartService("two");
        await File.WriteAllTextAsync(Path.Combine(_folder, "service.yaml"), Resources(one.Port, two.Port));
        await using var server = await StartServer(out var port);

        var output = await Call(program, script, port, "one,two");

        Assert.Equal(["one", "two"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The endpoints change while the client calls: no call fails, and the last ones go to the new server.</summary>
    private async Task FollowsItsService(string program, string script)
    {
        using var one = await StartService("one");
        using var two = await StartService("two");
        var file = Path.Combine(_folder, "service.yaml");
        await File.WriteAllTextAsync(file, Resources(one.Port));
        await using var server = await StartServer(out var port);
        var calls = Call(program, script, port, "two");
        await server.WaitForLog("node 'client' has EDS version 1");
        await File.WriteAllTextAsync(file, Resources(two.Port));

        var answers = (await calls).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("two", answers[^1]);
        Assert.Subset(new HashSet<string>(["one", "two"], StringComparer.Ordinal), answers.ToHashSet(StringComparer.Ordinal));
        await server.WaitForLog("node 'client' has EDS version 2");
    }

    private Task<ServerProcess> StartServer(out int port)
    {
        port = FreePort.Find();
        return Started(ServerProcess.Start(WeftProcess.Binary, ["xds-server", "--resources", _folder, "--port", port.ToString(CultureInfo.InvariantCulture), "--address", "127.0.0.1"]));

        static async Task<ServerProcess> Started(ServerProcess server)
        {
            await server.WaitForLog("management server listening");
            return server;
        }
    }

    private Task<NodeProcess> StartService(string name) => NodeProcess.StartAsync($"process.env.NAME = '{name}'; require('./who')", peers.Folder);

    /// <param name="until">The names of the services that are waited for.</param>
    private async Task<string> Call(string program, string script, int port, string until = "")
    {
        var bootstrap = Path.Combine(_folder, "bootstrap.client");
        await File.WriteAllTextAsync(bootstrap, $$"""
            { "xds_servers": [{ "server_uri": "127.0.0.1:{{port}}", "channel_creds": [{ "type": "insecure" }], "server_features": ["xds_v3"] }], "node": { "id": "client", "locality": { "zone": "a" } } }
            """);
        var (_, output, error) = await Shell.RunAsync("env", [$"GRPC_XDS_BOOTSTRAP={bootstrap}", program, Path.Combine(peers.Folder, script), "xds:///service", until]);
        Assert.True(output.Length > 0, error);
        return output;
    }

    private static string Resources(params int[] ports) => $$"""
        version_info: "1"
        resources:
        - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
          name: service
          api_listener:
            api_listener:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: service
              rds: { route_config_name: routes, config_source: { ads: {}, resource_api_version: V3 } }
              http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
        - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
          name: routes
          virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: "" }, route: { cluster: who } }] }]
        - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
          name: who
          type: EDS
          eds_cluster_config: { eds_config: { ads: {}, resource_api_version: V3 } }
        - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
          cluster_name: who
          endpoints:
          - locality: { zone: a }
            load_balancing_weight: 1
            lb_endpoints: [{{string.Join(", ", ports.Select(port => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }} }}"))}}]
        """;
}

/// <summary>A test with the gRPC library of Debian's Python, and Node.js.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonGrpcFactAttribute : FactAttribute
{
    /// <summary>Debian's: another one may be found first.</summary>
    public const string Python = "/usr/bin/python3";

    public PythonGrpcFactAttribute()
    {
        if (!XdsPeers.CanRun)
            Skip = "needs Node.js (node and npm), which is not installed";
        else if (!Directory.Exists("/usr/lib/python3/dist-packages/grpc"))
            Skip = "needs the Debian package python3-grpcio, which is not installed";
    }
}
