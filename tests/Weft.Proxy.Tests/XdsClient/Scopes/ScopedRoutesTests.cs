namespace Weft.Proxy.Tests.XdsClient.Scopes;

/// <summary>A table of routes for each scope of requests: written out, and from files (SRDS, RDS).</summary>
public sealed class ScopedRoutesTests : IDisposable
{
    private const string ByHeader = "fragments: [{ header_value_extractor: { name: x-scope, element_separator: ';', element: { separator: '=', key: team } } }]";

    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("fragments: [{ header_value_extractor: { name: x-scope, index: 0 } }]", "a")]
    [InlineData("fragments: [{ header_value_extractor: { name: x-scope, element_separator: ',', index: 1 } }]", "z,a")]
    [InlineData(ByHeader, "color=b;team=a;team=b")]
    [InlineData(ByHeader, "team=a")]
    public async Task The_scope_is_found_by_a_fragment_of_a_header(string builder, string header)
    {
        await _files.Start(With(builder, Inline(("one", "a", 201), ("two", "b", 202))));
        Assert.Equal(201, await Get(header));
        Assert.Equal(404, await Get("nonsense"));
        Assert.Equal(404, await Get(null));
    }

    [Fact]
    public async Task Several_fragments_make_one_key_that_keeps_them_apart()
    {
        const string both = "fragments: [{ header_value_extractor: { name: x-scope, element_separator: ',', index: 0 } }, { header_value_extractor: { name: x-scope, element_separator: ',', index: 1 } }]";
        await _files.Start(With(both, "scoped_route_configurations_list: { scoped_route_configurations: [" + Scope("one", 201, "ab", "c") + ", " + Scope("two", 202, "a", "bc") + "] }"));
        Assert.Equal((201, 202, 404), (await Get("ab,c"), await Get("a,bc"), await Get("abc")));
        var dumped = Assert.Single(await _files.Dump("inline_scoped_route_configs"));
        Assert.Equal(("scopes", 2), (dumped.GetProperty("name").GetString(), dumped.GetProperty("scoped_route_configs").GetArrayLength()));
    }

    [Fact]
    public async Task Scopes_and_their_routes_follow_their_files()
    {
        _files.Write("srds.yaml", Discovered(("one", "a", "r1"), ("two", "b", "r2")));
        _files.Write("rds.yaml", Routes(("r1", 201), ("r2", 202)));
        await _files.Start(With(ByHeader, Srds));
        Assert.Equal((201, 202), (await Get("team=a"), await Get("team=b")));
        await ExpectStat("all_scopes", 2);
        await ExpectStat("active_scopes", 2);
        await ExpectStat("on_demand_scopes", 0);

        _files.Write("rds.yaml", Routes(("r1", 203), ("r2", 202)));
        await DynamicFiles.Until(async () => await Get("team=a") == 203, "the changed routes");
        _files.Write("srds.yaml", Discovered(("one", "c", "r1")));
        await DynamicFiles.Until(async () => await Get("team=c") == 203, "the changed scope");
        Assert.Equal((404, 404), (await Get("team=a"), await Get("team=b")));
        Assert.Equal(("1", 1), (Assert.Single(await _files.Dump("dynamic_scoped_route_configs")).GetProperty("version_info").GetString(), await Stat("all_scopes")));
        Assert.Single(await _files.Dump("dynamic_route_configs"));
    }

    [Theory]
    [InlineData("two", "a", "scope key conflict found, first scope is 'one', second scope is 'two'")]
    [InlineData("one", "b", "duplicate scoped route configuration 'one' found")]
    public async Task Scopes_in_conflict_are_refused_and_change_nothing(string name, string key, string fault)
    {
        _files.Write("srds.yaml", Discovered(("one", "a", "r1")));
        _files.Write("rds.yaml", Routes(("r1", 201), ("r2", 202)));
        await _files.Start(With(ByHeader, Srds));
        _files.Write("srds.yaml", Discovered(("one", "a", "r2"), (name, key, "r2")));
        await DynamicFiles.Until(async () => await Stat("update_rejected") == 1, fault);
        Assert.Equal(201, await Get("team=a"));
    }

    [Fact]
    public async Task Routes_of_a_scope_on_demand_are_asked_for_by_the_first_request_which_waits()
    {
        _files.Write("srds.yaml", Discovered(("one", "a", "r1")).Replace("name: one", "name: one, on_demand: true", StringComparison.Ordinal));
        _files.Write("rds.yaml", Routes(("r1", 201)));
        await _files.Start(With(ByHeader, Srds));
        await ExpectStat("on_demand_scopes", 1);
        await ExpectStat("active_scopes", 0);
        Assert.Equal(404, await Get("team=b"));
        Assert.Equal(201, await Get("team=a"));
        await ExpectStat("active_scopes", 1);
    }

    [Theory]
    [InlineData("fragments: [{ header_value_extractor: { name: x, index: 1 } }]", "Index > 0 for empty string element separator.", null)]
    [InlineData("fragments: [{ header_value_extractor: { name: x, index: 0 } }]", "You must specify a route_configuration with inline scoped routes.", "{ name: one, key: { fragments: [{ string_key: a }] } }")]
    [InlineData("fragments: [{ header_value_extractor: { name: x, index: 0 } }]", "Fetching routes via RDS (route_configuration_name) is not supported with inline scoped routes.", "{ name: one, route_configuration_name: r, key: { fragments: [{ string_key: a }] } }")]
    public void What_is_wrong_is_named(string builder, string fault, string? scope)
    {
        var yaml = With(builder, $"scoped_route_configurations_list: {{ scoped_route_configurations: [{scope ?? Scope("one", 201, "a")}] }}");
        Assert.Null(Weft.Proxy.Bootstrap.Server.Create(new() { ConfigYaml = yaml }, out var findings));
        Assert.Contains(findings.Errors, found => found.Text == fault);
    }

    private const string Srds = "rds_config_source: { path_config_source: { path: FOLDER/rds.yaml } }, scoped_rds: { scoped_rds_config_source: { path_config_source: { path: FOLDER/srds.yaml } } }";

    private static string Inline(params (string Name, string Key, int Status)[] scopes) =>
        $"scoped_route_configurations_list: {{ scoped_route_configurations: [{string.Join(", ", scopes.Select(scope => Scope(scope.Name, scope.Status, scope.Key)))}] }}";

    private static string Scope(string name, int status, params string[] key) =>
        $"{{ name: {name}, route_configuration: {RouteConfiguration(name, status)}, key: {{ fragments: [{string.Join(", ", key.Select(fragment => $"{{ string_key: {fragment} }}"))}] }} }}";

    private static string RouteConfiguration(string name, int status) => $"{{ name: {name}, virtual_hosts: [{{ name: all, domains: ['*'], routes: [{{ match: {{ prefix: / }}, direct_response: {{ status: {status} }} }}] }}] }}";

    private static string Discovered(params (string Name, string Key, string Routes)[] scopes) => "version_info: '1'\nresources:\n" + string.Concat(scopes.Select(scope =>
        $"- {{ '@type': type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration, name: {scope.Name}, route_configuration_name: {scope.Routes}, key: {{ fragments: [{{ string_key: {scope.Key} }}] }} }}\n"));

    private static string Routes(params (string Name, int Status)[] tables) => "version_info: '1'\nresources:\n" + string.Concat(tables.Select(table =>
        $"- {{ '@type': type.googleapis.com/envoy.config.route.v3.RouteConfiguration, {RouteConfiguration(table.Name, table.Status)[1..]}\n"));

    private static string With(string builder, string scopes) => $$"""
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
                  scoped_routes: { name: scopes, scope_key_builder: { {{builder}} }, {{scopes}} }
                  http_filters:
                  - { name: on_demand, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.on_demand.v3.OnDemand } }
                  - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
        """;

    private Task<long> Stat(string name) => _files.Stat("http.web.scoped_rds.scopes." + name);

    private Task ExpectStat(string name, long value) => _files.ExpectStat("http.web.scoped_rds.scopes." + name, value);

    private async Task<int> Get(string? scope)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{_files.Server.Listener()}/"));
        if (scope is not null)
            request.Headers.TryAddWithoutValidation("x-scope", scope);
        using var response = await client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
