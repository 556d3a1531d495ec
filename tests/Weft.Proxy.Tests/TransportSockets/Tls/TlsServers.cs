using System.Globalization;
using System.Net;
using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.Listeners;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>Servers in this process that speak TLS, on either side, and what they tell of themselves.</summary>
internal static class TlsServers
{
    /// <summary>The transport socket of clear text.</summary>
    public const string RawBuffer = "{ name: raw, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer } }";

    /// <summary>A listener that answers with what it knows of the connection.</summary>
    /// <param name="socket">Its transport socket.</param>
    /// <param name="manager">Fields of the connection manager, each with a comma.</param>
    /// <param name="more">Beside the listeners in static_resources.</param>
    public static RunningServer Run(string socket, string manager = "", string more = "") => new(BootstrapOf(socket, manager, more));

    public static string BootstrapOf(string socket, string manager = "", string more = "") => $$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
        {{more}}
          listeners:
          - name: web
            stat_prefix: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - transport_socket: {{socket}}
              filters:
              - name: http
                typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: web, {{manager}}
                  route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, direct_response: { status: 200 } } ] } ], response_headers_to_add: [
                    { header: { key: x-facts, value: "%REQ(x-forwarded-proto)% %DOWNSTREAM_TLS_VERSION% %REQUESTED_SERVER_NAME% %DOWNSTREAM_PEER_SUBJECT% %DOWNSTREAM_PEER_URI_SAN%" } },
                    { header: { key: x-scheme, value: "%REQ(:scheme)%" } },
                    { header: { key: x-protocol, value: "%PROTOCOL%" } },
                    { header: { key: x-xfcc, value: "%REQ(x-forwarded-client-cert)%" } } ] },
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] }
        """;

    /// <summary>A clear-text listener before endpoints.</summary>
    public static RunningServer RunProxy(string cluster, params (IPEndPoint Address, string More)[] endpoints) => RunProxy(cluster, "", endpoints);

    /// <param name="cluster">Fields of the cluster.</param>
    /// <param name="manager">Fields of the connection manager, each with a comma.</param>
    /// <param name="endpoints">Where they are, and more fields of theirs.</param>
    public static RunningServer RunProxy(string cluster, string manager, params (IPEndPoint Address, string More)[] endpoints) => new($$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
          - name: front
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: http
                typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: front, {{manager}}
                  route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: backend } } ] } ] },
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] }
          clusters:
          - name: backend
            {{cluster}}
            load_assignment: { cluster_name: backend, endpoints: [ { lb_endpoints: [
              {{string.Join(",\n      ", endpoints.Select(endpoint => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {endpoint.Address.Port} }} }} }}{(endpoint.More.Length > 0 ? ", " + endpoint.More : "")} }}"))}}
            ] } ] }
        """);

    /// <summary>One request in clear text; status, headers and body of the response.</summary>
    public static async Task<string> Get(RunningServer running)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri($"http://{running.Listener()}/"));
        return $"{(int)response.StatusCode}\n{response.Headers}\n{await response.Content.ReadAsStringAsync()}";
    }

    /// <summary>A statistic of the listener or of its connection manager; 0 when there is none.</summary>
    public static async Task<long> Stat(RunningServer running, string name)
    {
        var text = await running.Admin!.GetStringAsync($"stats?filter={name}");
        return text.Split('\n').Where(line => line.Contains("web", StringComparison.Ordinal) && line.Contains(name + ": ", StringComparison.Ordinal))
            .Select(line => long.Parse(line.Split(": ")[1], CultureInfo.InvariantCulture)).FirstOrDefault();
    }

    /// <summary>Waits until a statistic is what it has to be: some follow what is seen of it by a moment.</summary>
    public static Task ExpectStat(RunningServer running, string name, long value) => TestListener.Until(async () => await Stat(running, name) == value);
}
