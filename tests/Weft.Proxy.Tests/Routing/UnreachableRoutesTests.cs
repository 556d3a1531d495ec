using Weft.Config;
using Weft.Proxy.Routing;

namespace Weft.Proxy.Tests.Routing;

public sealed class UnreachableRoutesTests
{
    [Theory]
    [InlineData("{ prefix: /a }", "{ prefix: /a/b }", true)]
    [InlineData("{ prefix: / }", "{ safe_regex: { regex: '.*x' } }", true)]
    [InlineData("{ prefix: /a }", "{ path: /a }", true)]
    [InlineData("{ prefix: /a }", "{ safe_regex: { regex: '/a/.*' } }", true)]
    [InlineData("{ path: /a }", "{ path: /a }", true)]
    [InlineData("{ path: /a, headers: [{ name: x }] }", "{ path: /a, headers: [{ name: x }] }", true)]
    [InlineData("{ path_separated_prefix: /a }", "{ prefix: /a/b }", true)]
    [InlineData("{ path_separated_prefix: /a }", "{ prefix: /ab }", false)]
    [InlineData("{ prefix: /a, headers: [{ name: x }] }", "{ prefix: /a/b }", false)]
    [InlineData("{ prefix: /a, runtime_fraction: { default_value: { numerator: 50 } } }", "{ prefix: /a }", false)]
    [InlineData("{ prefix: /a/b }", "{ prefix: /a }", false)]
    [InlineData("{ prefix: /a, case_sensitive: false }", "{ prefix: /A/b }", true)]
    [InlineData("{ prefix: /a }", "{ prefix: /a/b, case_sensitive: false }", false)]
    [InlineData("{ path: /a }", "{ path: /a, headers: [{ name: x }] }", true)]
    [InlineData("{ path: /a }", "{ prefix: /a, headers: [{ name: x }] }", false)]
    [InlineData("{ path: /a, headers: [{ name: x }] }", "{ path: /a, headers: [{ name: y }, { name: x }] }", true)]
    [InlineData("{ prefix: /a, headers: [{ name: x }] }", "{ prefix: /a/b, headers: [{ name: x }], query_parameters: [{ name: q }] }", true)]
    [InlineData("{ prefix: /a, headers: [{ name: x }] }", "{ prefix: /a, headers: [{ name: y }] }", false)]
    [InlineData("{ prefix: /a, grpc: {} }", "{ prefix: /a/b }", false)]
    [InlineData("{ prefix: /a, cookies: [{ name: c, string_match: { exact: x } }] }", "{ prefix: /a/b }", false)]
    [InlineData("{ prefix: /a, runtime_fraction: { default_value: { numerator: 100 } } }", "{ prefix: /a/b }", true)]
    [InlineData("{ prefix: /a, runtime_fraction: { default_value: { numerator: 100 }, runtime_key: k } }", "{ prefix: /a/b }", false)]
    [InlineData("{ safe_regex: { regex: '/a/.*' } }", "{ prefix: /a/b }", true)]
    [InlineData("{ safe_regex: { regex: '/a/[0-9]+' } }", "{ prefix: /a/1 }", false)]
    [InlineData("{ path_separated_prefix: /a }", "{ path: /a }", true)]
    [InlineData("{ prefix: / }", "{ connect_matcher: {} }", false)]
    public void A_route_that_no_request_can_take_is_warned_about_with_both_positions(string first, string second, bool warned)
    {
        var config = new ConfigContext();
        var yaml = $"name: r\nvirtual_hosts:\n- name: v\n  domains: ['*']\n  routes:\n  - {{ match: {first}, route: {{ cluster: a }} }}\n  - {{ match: {second}, route: {{ cluster: b }} }}";
        var table = ConfigReader.ReadText<Envoy.Config.Route.V3.RouteConfiguration>(yaml, "t.yaml", new ReadOptions(), config);
        RouteTable.Create(table, Routes.Context(config));
        var warnings = config.Findings.All.Where(finding => finding.Text.Contains("never taken", StringComparison.Ordinal)).Select(finding => finding.ToString()).ToList();
        Assert.Equal(warned ? 1 : 0, warnings.Count);
        Assert.All(warnings, warning => Assert.Matches(@"^t\.yaml:7:\d+.*route 0 \(t\.yaml:6:\d+\)", warning));
    }
}
