using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tests.Bootstrap;

public sealed class ServerTests : IDisposable
{
    private const string AdminOnly = "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }";

    private readonly string _folder = Directory.CreateTempSubdirectory("weft-server-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_with_only_an_admin_section_starts()
    {
        using var running = new RunningServer(AdminOnly);
        using var response = await running.Admin!.GetAsync("ready");
        Assert.Equal("LIVE\n", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/plain; charset=UTF-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache, max-age=0", response.Headers.CacheControl!.ToString().Replace("max-age=0, no-cache", "no-cache, max-age=0", StringComparison.Ordinal));
        Assert.Equal("envoy", response.Headers.GetValues("server").Single());
    }

    [Fact]
    public async Task Every_admin_page_that_shows_something_answers()
    {
        using var running = new RunningServer(AdminOnly);
        string[] pages =
        [
            "", "help", "ready", "server_info", "listeners", "clusters", "stats", "stats?format=json", "stats/prometheus", "stats/recentlookups", "config_dump", "certs", "memory", "runtime",
            "hot_restart_version", "init_dump", "contention",
        ];
        foreach (var page in pages)
        {
            using var response = await running.Admin!.GetAsync(page);
            Assert.True(response.IsSuccessStatusCode, $"{page}: {response.StatusCode}");
        }
        using var home = await running.Admin!.GetAsync("");
        Assert.Equal("text/html", home.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task The_admin_interface_counts_itself_as_http_admin()
    {
        using var running = new RunningServer(AdminOnly);
        await running.Admin!.GetStringAsync("ready");
        Assert.Equal("http.admin.downstream_rq_total: 2\n", await running.Admin!.GetStringAsync("stats?filter=http.admin.downstream_rq_total"));
    }

    [Fact]
    public async Task A_listener_counts_the_responses_of_each_of_its_connection_managers()
    {
        using var running = new RunningServer(
            AdminOnly + """

            static_resources:
              listeners:
              - name: first
                stat_prefix: one
                address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains: [{ filters: [{ name: hcm, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: web, http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }],
                  route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 404 } }] }] } } }] }]
            """);
        using var response = await running.Admin!.GetAsync($"http://{running.Listener()}/");

        Assert.Equal(
            "listener.one.http.web.downstream_rq_4xx: 1\nlistener.one.http.web.downstream_rq_completed: 1\n",
            await running.Admin!.GetStringAsync("stats?filter=^listener.one.http&usedonly"));
        var metric = (await running.Admin!.GetStringAsync("stats/prometheus?filter=^listener.one.http&usedonly")).Split('\n').Single(line => line.StartsWith("envoy_listener_http_downstream_rq_xx{", StringComparison.Ordinal));
        Assert.Contains("envoy_http_conn_manager_prefix=\"web\"", metric, StringComparison.Ordinal);
        Assert.Contains("envoy_response_code_class=\"4\"", metric, StringComparison.Ordinal);
        Assert.Contains("listener.admin.http.admin.downstream_rq_2xx: ", await running.Admin!.GetStringAsync("stats?filter=^listener.admin.http"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_fields_that_are_let_pass_are_counted()
    {
        using var running = new RunningServer(AdminOnly + "\nnode: { id: a, idd: b }\nnoode: {}", new ServerOptions { AllowUnknownStaticFields = true });
        Assert.Equal("server.static_unknown_fields: 2\n", await running.Admin!.GetStringAsync("stats?filter=static_unknown"));
    }

    [Fact]
    public async Task Quitquitquit_ends_the_server_with_code_0()
    {
        using var running = new RunningServer(AdminOnly);
        using var response = await running.Admin!.PostAsync("quitquitquit", null);
        Assert.Equal("OK\n", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, running.WaitForExit());
    }

    [Fact]
    public async Task Health_checks_that_fail_make_it_not_ready()
    {
        using var running = new RunningServer(AdminOnly);
        (await running.Admin!.PostAsync("healthcheck/fail", null)).Dispose();
        using var failing = await running.Admin!.GetAsync("ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "DRAINING\n"), (failing.StatusCode, await failing.Content.ReadAsStringAsync()));
        (await running.Admin!.PostAsync("healthcheck/ok", null)).Dispose();
        Assert.Equal("LIVE\n", await running.Admin!.GetStringAsync("ready"));
    }

    [Fact]
    public async Task Runtime_values_are_changed_through_the_admin_layer()
    {
        using var running = new RunningServer(AdminOnly + "\nlayered_runtime: { layers: [{ name: base, static_layer: { health_check: { min_interval: 5 } } }, { name: admin, admin_layer: {} }] }");
        using var changed = await running.Admin!.PostAsync("runtime_modify?health_check.min_interval=10", null);
        Assert.Equal("OK\n", await changed.Content.ReadAsStringAsync());
        var json = JsonDocument.Parse(await running.Admin!.GetStringAsync("runtime")).RootElement;
        Assert.Equal("""["base","admin"]""", JsonSerializer.Serialize(json.GetProperty("layers")));
        Assert.Equal("""{"final_value":"10","layer_values":["5","10"]}""", JsonSerializer.Serialize(json.GetProperty("entries").GetProperty("health_check.min_interval")));
    }

    [Fact]
    public async Task Without_an_admin_layer_runtime_values_cannot_be_changed()
    {
        using var running = new RunningServer(AdminOnly + "\nlayered_runtime: { layers: [{ name: base, static_layer: { a: 1 } }] }");
        using var changed = await running.Admin!.PostAsync("runtime_modify?a=2", null);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "No admin layer specified"), (changed.StatusCode, await changed.Content.ReadAsStringAsync()));
    }

    [Fact]
    public void The_bound_admin_address_and_the_base_id_are_written_down()
    {
        var options = new ServerOptions { AdminAddressPath = Path.Combine(_folder, "admin"), BaseIdPath = Path.Combine(_folder, "base"), BaseId = 4 };
        using var running = new RunningServer(AdminOnly, options);
        Assert.Equal(running.Server.AdminAddress.ToString(), File.ReadAllText(options.AdminAddressPath));
        Assert.Equal("4", File.ReadAllText(options.BaseIdPath));
    }

    [Fact]
    public void Initialising_only_ends_by_itself()
    {
        using var running = new RunningServer(AdminOnly, new ServerOptions { Mode = ServerMode.InitOnly });
        Assert.Equal(0, running.WaitForExit());
    }

    [Fact]
    public void Validation_binds_nothing()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var yaml = $"admin: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}\n" + Listeners(port);
        using var server = Server.Create(new ServerOptions { ConfigYaml = yaml, Mode = ServerMode.Validate }, out var findings);
        Assert.NotNull(server);
        Assert.False(findings.HasErrors);
        Assert.Null(server.AdminAddress);
    }

    [Fact]
    public void An_address_that_is_taken_is_a_finding()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = Listeners(port) }, out var findings));
        Assert.Contains($"cannot bind '127.0.0.1:{port}': Address already in use", Assert.Single(findings.Errors).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_found_in_one_run()
    {
        const string yaml = """
            static_resources:
              clusters:
              - { name: a, lb_polcy: RANDOM }
              - { name: b, connect_timeout: 1s }
              - { name: b, connect_timeout: 1s }
            """;
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = yaml, Mode = ServerMode.Validate }, out var findings));
        var lines = findings.Errors.Select(error => error.ToString()).ToList();
        Assert.Contains(lines, line => line.Contains("--config-yaml:3:", StringComparison.Ordinal) && line.Contains("did you mean lb_policy?", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("--config-yaml:5:", StringComparison.Ordinal) && line.Contains("duplicate cluster 'b'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_file_is_a_finding()
    {
        Assert.Null(Server.Create(new ServerOptions { ConfigPath = Path.Combine(_folder, "none.yaml") }, out var findings));
        Assert.Contains("none.yaml", Assert.Single(findings.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_graceful_stop_lets_a_running_request_finish_and_accepts_nothing_new()
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        using var running = new RunningServer(AdminOnly + "\n" + Listeners(0, ((IPEndPoint)upstream.LocalEndpoint).Port));
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        using var server = await upstream.AcceptTcpClientAsync();
        Assert.NotEqual(0, await server.GetStream().ReadAsync(new byte[4096]));

        running.Server.Stop();
        using (var draining = await running.Admin!.GetAsync("ready"))
            Assert.Equal("DRAINING\n", await draining.Content.ReadAsStringAsync());
        await UntilRefusedAsync(running.Listener());

        await server.GetStream().WriteAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"u8.ToArray());
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        var answer = await reader.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nconnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
        Assert.Equal(0, running.WaitForExit());
    }

    [Fact]
    public async Task A_second_stop_ends_the_server_at_once()
    {
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        using var running = new RunningServer(Listeners(0, ((IPEndPoint)upstream.LocalEndpoint).Port));
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        using var server = await upstream.AcceptTcpClientAsync();
        running.Server.Stop();
        running.Server.Stop();
        Assert.Equal(0, running.WaitForExit());
    }

    [Fact]
    public async Task Drained_listeners_are_closed_and_the_proxy_lives_on()
    {
        using var running = new RunningServer(AdminOnly + "\n" + Listeners(0));
        var address = running.Listener();
        using var inbound = await running.Admin!.PostAsync("drain_listeners?inboundonly", null);
        using (var client = new TcpClient())
            await client.ConnectAsync(address);
        using var all = await running.Admin!.PostAsync("drain_listeners", null);
        Assert.Equal("OK\n", await all.Content.ReadAsStringAsync());
        await UntilRefusedAsync(address);
        Assert.Equal("LIVE\n", await running.Admin!.GetStringAsync("ready"));
    }

    [Fact]
    public void A_stop_before_the_start_ends_the_server()
    {
        using var server = Server.Create(new ServerOptions { ConfigYaml = AdminOnly, Concurrency = 1 }, out _);
        server!.Stop();
        Assert.Equal(0, server.Run());
        Assert.False(server.Status.IsInitialized);
    }

    [Fact]
    public async Task Several_servers_live_in_one_process()
    {
        using var one = new RunningServer(AdminOnly + "\nnode: { id: one }");
        using var two = new RunningServer(AdminOnly + "\nnode: { id: two }");
        Assert.Contains("\"one\"", await one.Admin!.GetStringAsync("server_info"), StringComparison.Ordinal);
        Assert.Contains("\"two\"", await two.Admin!.GetStringAsync("server_info"), StringComparison.Ordinal);
    }

    // The listener is closed on its worker, a moment after that was asked for.
    private static async Task UntilRefusedAsync(IPEndPoint address)
    {
        var deadline = Environment.TickCount64 + 120_000;
        while (Environment.TickCount64 < deadline)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(address);
            }
            catch (SocketException)
            {
                return;
            }
        }
        Assert.Fail("the listener still accepts");
    }

    private static string Listeners(int port, int upstreamPort = 1) => $$"""
        static_resources:
          listeners:
          - name: ingress
            enable_reuse_port: false
            address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } }
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: ingress
                  route_config: { name: local_route, virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: web } }] }] }
                  http_filters:
                  - name: router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          clusters:
          - name: web
            connect_timeout: 1s
            load_assignment: { cluster_name: web, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{upstreamPort}} } } } }] }] }
        """;
}
