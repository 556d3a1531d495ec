using Weft.Proxy.Tests.XdsClient;

namespace Weft.Proxy.Tests.HttpFilters.Composite;

/// <summary>Filters that a matcher chooses, whose configurations come from a file (dynamic_config).</summary>
public sealed class DiscoveredActionTests : IDisposable
{
    private const string Fault = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault";

    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_chosen_filter_follows_its_file_and_without_it_requests_get_500()
    {
        _files.Write("ecds.yaml", "resources: []");
        await _files.Start($$"""
            static_resources:
              listeners:
              - name: web
                address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains:
                - filters:
                  - name: hcm
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: web
                      route_config: { virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }] }
                      http_filters:
                      - name: chosen
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher
                          extension_config: { name: composite, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.composite.v3.Composite } }
                          xds_matcher:
                            on_no_match:
                              action:
                                name: execute
                                typed_config:
                                  "@type": type.googleapis.com/envoy.extensions.filters.http.composite.v3.ExecuteFilterAction
                                  dynamic_config: { name: chaos, config_discovery: { config_source: { path_config_source: { path: FOLDER/ecds.yaml } }, type_urls: ['{{Fault}}'] } }
                      - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
            """);
        using var client = new HttpClient();
        Assert.Equal(500, await Get(client));
        foreach (var status in new[] { 418, 404 })
        {
            _files.Write("ecds.yaml", $"version_info: '1'\nresources: [{{ '@type': type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig, name: chaos, typed_config: {{ '@type': {Fault}, abort: {{ http_status: {status}, percentage: {{ numerator: 100 }} }} }} }}]");
            await DynamicFiles.Until(async () => await Get(client) == status, "the filter as discovered");
        }
    }

    private async Task<int> Get(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri($"http://{_files.Server.Listener()}/"));
        return (int)response.StatusCode;
    }
}
