using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Checking;

namespace Weft.Proxy.Tests.Routing.Checking;

/// <summary>weft route-check on files.</summary>
public sealed class RouteCheckTests : IDisposable
{
    private const string Table = """
        name: r
        virtual_hosts:
        - name: www
          domains: [www.test]
          response_headers_to_add: [{ header: { key: x-host, value: www } }]
          request_headers_to_add: [{ header: { key: x-www, value: '1' } }]
          virtual_clusters: [{ name: posts, headers: [{ name: ':method', string_match: { exact: POST } }] }]
          rate_limits: [{ actions: [{ generic_key: { descriptor_value: www } }, { remote_address: {} }] }]
          routes:
          - { match: { prefix: /new }, route: { cluster: new, prefix_rewrite: /, host_rewrite_literal: new.test }, request_headers_to_add: [{ header: { key: x-new, value: 'yes' } }] }
          - { match: { path: /old }, redirect: { path_redirect: /new, response_code: FOUND } }
          - { match: { prefix: /share, runtime_fraction: { default_value: { numerator: 50 }, runtime_key: half } }, route: { cluster: half } }
          - { match: { prefix: /team, dynamic_metadata: [{ filter: who, path: [{ key: team }], value: { string_match: { exact: a } } }] }, route: { cluster: team } }
          - match: { prefix: /mirrored }
            typed_per_filter_config: { fault: { "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true } }
            route:
              cluster: web
              timeout: 3s
              retry_policy: { retry_on: 5xx, num_retries: 2 }
              request_mirror_policies: [{ cluster: shadow, runtime_fraction: { default_value: { numerator: 20 } } }]
          - { match: { prefix: / }, route: { weighted_clusters: { clusters: [{ name: a, weight: 30 }, { name: b, weight: 70 }] } } }
        """;

    private const string Passing = """
        tests:
        - test_name: rewrite
          input: { authority: www.test, path: /new/x }
          validate: { cluster_name: new, virtual_host_name: www, path_rewrite: //x, host_rewrite: new.test, request_header_matches: [{ name: x-new, string_match: { exact: 'yes' } }], response_header_matches: [{ name: x-host, string_match: { exact: www } }] }
        - test_name: redirect
          input: { authority: www.test, path: /old, ssl: true }
          validate: { path_redirect: https://www.test/new, code_redirect: 302 }
        - test_name: weights
          input: { authority: www.test, path: /, random_value: 30 }
          validate: { cluster_name: b }
        - test_name: no runtime, no share
          input: { authority: www.test, path: /share, random_value: 10 }
          validate: { cluster_name: a }
        - test_name: with its runtime key
          input: { authority: www.test, path: /share, random_value: 10, runtime: half }
          validate: { cluster_name: half }
        - test_name: older form of header checks, virtual cluster
          input: { authority: www.test, path: /, method: POST }
          validate: { virtual_cluster_name: posts, request_header_fields: [{ key: x-www, value: '1' }, { key: x-none, value: '' }], response_header_fields: [{ key: x-host, value: www }] }
        - test_name: dynamic metadata, kept where it is not to be overwritten
          input: { authority: www.test, path: /team, dynamic_metadata: [{ metadata_namespace: who, value: { team: a } }, { metadata_namespace: who, value: { team: b } }] }
          validate: { cluster_name: team }
        - test_name: nowhere
          input: { authority: other.test, path: / }
          validate: { cluster_name: "" }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("weft-route-check-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("routes.yaml", Table)]
    [InlineData("envoy.yaml", null)]
    public void Cases_of_the_router_check_tool_pass(string name, string? text)
    {
        var (code, output, error) = Test(name, text ?? Bootstrap(), Passing);
        Assert.True(code == 0, output + error);
        Assert.EndsWith("8 passed, 0 failed\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_that_fails_says_what_is_different_and_why()
    {
        var (code, output, _) = Test("routes.yaml", Table, "tests:\n- test_name: wrong\n  input: { authority: www.test, path: /other }\n  validate: { cluster_name: new }");
        Assert.Equal(1, code);
        Assert.Contains("FAIL  wrong", output, StringComparison.Ordinal);
        Assert.Contains("cluster_name: expected 'new', is 'a'", output, StringComparison.Ordinal);
        Assert.Contains("prefix '/new' does not match the path '/other'", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_files_may_be_json()
        => Assert.Equal(0, Test("routes.yaml", Table, "{\n\"tests\": [\n{ \"test_name\": \"json\", \"input\": { \"authority\": \"www.test\", \"path\": \"/new\" }, \"validate\": { \"cluster_name\": \"new\" } }\n]\n}").Code);

    [Fact]
    public void What_a_case_says_that_is_not_known_fails_it()
        => Assert.Contains("cluster_nam is not known", Test("routes.yaml", Table, "tests:\n- test_name: t\n  input: { authority: www.test, path: / }\n  validate: { cluster_nam: new }").Output, StringComparison.Ordinal);

    [Fact]
    public void An_explanation_tells_of_filters_limits_mirrors_retries_and_timeouts()
    {
        using var output = new StringWriter();
        RouteCheck.Explain(new ServerOptions { ConfigPath = Write("envoy.yaml", Bootstrap()) }, "GET http://www.test/mirrored", [], null, 30, output, TextWriter.Null);
        foreach (var line in new[]
        {
            "filter   fault: left out, disabled by the route (", "filter   envoy.filters.http.router", "counted  as virtual cluster other",
            "limit    stage 0: generic_key=www, remote_address=127.0.0.1 (virtual host)", "mirror   to shadow (20/100): no, by the random value 30",
            "timeouts route 3000 ms, stream idle 300000 ms", "retries  up to 2 on ServerError",
        })
            Assert.Contains(line, output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_is_explained()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = RouteCheck.Explain(new ServerOptions { ConfigPath = Write("envoy.yaml", Bootstrap()) }, "GET http://www.test/new/x", [], null, 0, output, error);
        Assert.True(code == 0, output.ToString() + error);
        foreach (var line in new[] { "virtual host www (domains: www.test)", "yes  route 0", "forwards to cluster new, which does not exist: 503 (NC)", "request  ~ :path: /new/x -> //x", "request  + x-new: yes", "response + x-host: www" })
            Assert.Contains(line, output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("GET http://x/ more")]
    [InlineData("GET /path")]
    public void What_is_no_request_is_refused(string request)
    {
        using var error = new StringWriter();
        Assert.Equal(1, RouteCheck.Explain(new ServerOptions { ConfigPath = Write("envoy.yaml", Bootstrap()) }, request, [], null, 0, TextWriter.Null, error));
        Assert.StartsWith("weft route-check: ", error.ToString(), StringComparison.Ordinal);
    }

    private (int Code, string Output, string Error) Test(string name, string config, string tests)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = RouteCheck.Test(new ServerOptions { ConfigPath = Write(name, config) }, Write("tests.yaml", tests), null, onlyFailures: false, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Bootstrap() => $$"""
        static_resources:
          listeners:
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  http_filters:
                  - { name: fault, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault } }
                  - { name: envoy.filters.http.router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
                  route_config:
                    validate_clusters: false
        {{string.Join('\n', Table.Split('\n').Select(static line => "            " + line))}}
        """;
}
