using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.Listeners;

/// <summary>Servers in this process with one listener, what to put into it, and clients of it.</summary>
internal static class TestListener
{
    /// <summary>A filter that answers every connection with a text.</summary>
    public static string Direct(string text) => $"{{ name: d, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config, response: {{ inline_string: {text} }} }} }}";

    /// <summary>A connection manager that answers every request, and says in headers who the client is.</summary>
    public static string HttpFilter(string name, string manager = "") => $$"""
        { name: http, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: {{name}}, {{manager}}
          route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, direct_response: { status: 200 } } ] } ], response_headers_to_add: [
            { header: { key: x-chain, value: "{{name}} %REQUESTED_SERVER_NAME%" } },
            { header: { key: x-ja3, value: "%TLS_JA3_FINGERPRINT%" } },
            { header: { key: x-ja4, value: "%TLS_JA4_FINGERPRINT%" } },
            { header: { key: x-tlv, value: "%DYNAMIC_METADATA(envoy.filters.listener.proxy_protocol:authority)%" } },
            { header: { key: x-not-tls, value: "%DYNAMIC_METADATA(envoy.filters.listener.tls_inspector:failure_reason)%" } },
            { header: { key: x-client, value: "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %REQ(x-forwarded-for)% %DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT%" } } ] },
          http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] } }
        """;

    /// <param name="listener">More fields of the listener, in flow style.</param>
    /// <param name="chains">The bodies of its filter chains.</param>
    public static RunningServer Run(string listener, params string[] chains) => new(BootstrapOf(listener, chains));

    public static string BootstrapOf(string listener, string[] chains, string more = "") =>
        $"admin: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }} }}\nstatic_resources: {{ listeners: [ {{ name: web, address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}"
        + $"{(listener.Length > 0 ? ", " + listener : "")}, filter_chains: [ {string.Join(", ", chains.Select(chain => $"{{ {chain} }}"))} ] }} ]{(more.Length > 0 ? ", " + more : "")} }}";

    /// <summary>Sends bytes and reads to the end; a reset is an end too.</summary>
    public static async Task<string> Send(RunningServer running, string bytes, bool end = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(running.Listener());
        try
        {
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
            if (end)
                client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or SocketException)
        {
            return "";
        }
    }

    /// <summary>The first statistic whose name ends so; 0 when there is none.</summary>
    public static async Task<long> Stat(RunningServer running, string name)
    {
        var text = await running.Admin!.GetStringAsync("stats");
        return text.Split('\n').Where(line => line.Contains(name + ": ", StringComparison.Ordinal) && !line.StartsWith("listener.admin", StringComparison.Ordinal))
            .Select(line => long.Parse(line.Split(": ")[1], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
    }

    /// <summary>Waits until a statistic is what it has to be: some follow what is seen of it by a moment.</summary>
    public static Task ExpectStat(RunningServer running, string name, long value) => Until(async () => await Stat(running, name) == value);

    public static async Task Until(Func<Task<bool>> condition)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), "the condition did not come true");
            await Task.Delay(20);
        }
    }
}
