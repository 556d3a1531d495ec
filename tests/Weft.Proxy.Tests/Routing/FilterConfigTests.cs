using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Buffer;
using Weft.Proxy.Tests.HttpFilters;

namespace Weft.Proxy.Tests.Routing;

/// <summary>typed_per_filter_config: levels, faults, switching filters on and off.</summary>
public sealed class FilterConfigTests
{
    private const string Chain = $"""
        - name: first
          typed_config: {"{"} "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 10 {"}"}
        - name: second
          disabled: true
          typed_config: {"{"} "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 10 {"}"}
        {Filters.Router}
        """;

    private static readonly HttpFilterFactory[] s_filters = Filters.Chain(Chain);

    [Theory]
    [InlineData("/cluster", 1)]
    [InlineData("/route", 2)]
    [InlineData("/other", 3)]
    public void The_most_specific_level_wins(string path, int bytes)
    {
        var table = Table($$"""
            name: r
            typed_per_filter_config: { first: {{Limit(4)}} }
            virtual_hosts:
            - name: v
              domains: ["*"]
              typed_per_filter_config: { first: {{Limit(3)}} }
              routes:
              - match: { prefix: /cluster }
                route: { weighted_clusters: { clusters: [{ name: c, weight: 1, typed_per_filter_config: { first: {{Limit(1)}} } }] } }
                typed_per_filter_config: { first: {{Limit(2)}} }
              - { match: { prefix: /route }, route: { cluster: c }, typed_per_filter_config: { first: {{Limit(2)}} } }
              - { match: { prefix: / }, route: { cluster: c } }
            """);
        var filters = table.Match(Routes.Request(path))!.Filters!;
        Assert.Equal(bytes, Assert.IsType<BufferConfig>(filters.MostSpecific(0)).MaxRequestBytes);
        Assert.Null(filters.MostSpecific(1));
        Assert.Equal(Enumerable.Range(bytes, 5 - bytes), filters.All(0).ToArray().Select(config => ((BufferConfig)config).MaxRequestBytes));
    }

    [Theory]
    [InlineData("envoy.buffer", "envoy.filters.http.buffer")]
    [InlineData("envoy.filters.http.buffer", "envoy.buffer")]
    public void A_filter_is_meant_by_an_older_or_newer_form_of_its_name(string filter, string name)
    {
        var filters = Filters.Chain(Chain.Replace("first", filter, StringComparison.Ordinal));
        var route = Routes.Table(OfRoute($"{name}: {Limit(2)}"), filters).Match(Routes.Request("/"))!;
        Assert.Equal(2, Assert.IsType<BufferConfig>(route.Filters!.MostSpecific(0)).MaxRequestBytes);
    }

    [Fact]
    public void A_table_that_says_nothing_to_filters_costs_its_routes_nothing()
        => Assert.Null(Table(OfRoute("")).Match(Routes.Request("/"))!.Filters);

    [Theory]
    [InlineData("first", "{ \"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true }", 0, true)]
    [InlineData("second", "{ \"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, config: {} }", 1, false)]
    [InlineData("second", "{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute, disabled: true }", 1, false)]
    [InlineData("envoy.filters.http.router", "{ \"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true }", 2, false)]
    public void A_route_switches_filters_on_and_off_but_not_the_terminal_one(string name, string config, int index, bool disabled)
    {
        var filters = Table(OfRoute($"{name}: {config}")).Match(Routes.Request("/"))!.Filters!;
        Assert.Equal(disabled, filters.IsDisabled(index));
        Assert.Equal(index != 2, filters.ChangesSkipping);
    }

    [Fact]
    public void What_a_route_switches_off_its_virtual_host_does_not_switch_on()
    {
        var table = Table($$"""
            name: r
            virtual_hosts:
            - name: v
              domains: ["*"]
              typed_per_filter_config: { first: {{Limit(3)}} }
              routes:
              - match: { prefix: / }
                route: { cluster: c }
                typed_per_filter_config: { first: { "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true } }
            """);
        Assert.True(table.Match(Routes.Request("/"))!.Filters!.IsDisabled(0));
    }

    [Theory]
    [InlineData("first: { \"@type\": type.googleapis.com/envoy.config.route.v3.RouteAction }", "Didn't find a registered implementation for 'first' with type URL: 'envoy.config.route.v3.RouteAction'")]
    [InlineData("first: { \"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig }", "Empty route/virtual host per filter configuration for first filter")]
    [InlineData(
        "first: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 1 }",
        "Unable to unpack as envoy.extensions.filters.http.buffer.v3.BufferPerRoute: type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer")]
    [InlineData(
        "router: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }",
        "The filter router doesn't support virtual host or route specific configurations")]
    public void What_no_filter_can_take_is_a_fault(string config, string text) => Assert.Contains(text, Routes.Faults(OfRoute(config)));

    [Fact]
    public void What_is_optional_is_left_out_when_its_filter_does_not_exist()
    {
        const string wrapper = "kill: { \"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, is_optional: true, config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.kill_request.v3.KillRequest } }";
        Assert.Empty(Routes.Faults(OfRoute(wrapper)));
        Assert.NotEmpty(Routes.Faults(OfRoute(wrapper.Replace("true", "false", StringComparison.Ordinal))));
    }

    private static Weft.Proxy.Routing.RouteTable Table(string yaml) => Routes.Table(yaml, s_filters);

    private static string Limit(int bytes)
        => $"{{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute, buffer: {{ max_request_bytes: {bytes} }} }}";

    private static string OfRoute(string filters)
        => $"name: r\nvirtual_hosts:\n- name: v\n  domains: [\"*\"]\n  routes:\n  - {{ match: {{ prefix: / }}, route: {{ cluster: c }}, typed_per_filter_config: {{ {filters} }} }}";
}
