using Envoy.Extensions.Filters.Http.HeaderMutation.V3;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.HttpFilters.HeaderMutation;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.HeaderMutation;

public sealed class HeaderMutationFilterTests
{
    [Fact]
    public void Each_change_sees_what_the_ones_before_it_left()
    {
        using var stream = Make("mutations: { request_mutations: [{ append: { header: { key: x-a, value: '1' } } }, { append: { header: { key: x-b, value: '%REQ(x-a)%' } } }, { remove: x-a }] }");
        var request = Routes.Request("/");
        stream.Request(request);
        Assert.Equal(("", "1"), (request.Get("x-a"), request.Get("x-b")));
    }

    [Theory]
    [InlineData("APPEND_IF_EXISTS_OR_ADD", "old,new", "new")]
    [InlineData("ADD_IF_ABSENT", "old", "new")]
    [InlineData("OVERWRITE_IF_EXISTS_OR_ADD", "new", "new")]
    [InlineData("OVERWRITE_IF_EXISTS", "new", "")]
    public void Every_append_action_does_what_it_says(string action, string there, string absent)
    {
        using var stream = Make($"mutations: {{ response_mutations: [{{ append: {{ header: {{ key: x-a, value: new }}, append_action: {action} }} }}, {{ append: {{ header: {{ key: x-b, value: new }}, append_action: {action} }} }}] }}");
        stream.Request(Routes.Request("/"));
        var response = new HeaderMap();
        Routes.Add(response, "x-a", "old");
        stream.Response(response);
        Assert.Equal((there, absent), (string.Join(',', response.All("x-a")), string.Join(',', response.All("x-b"))));
    }

    [Fact]
    public void All_headers_whose_names_match_are_removed()
    {
        using var stream = Make("mutations: { request_mutations: [{ remove_on_match: { key_matcher: { prefix: x-internal- } } }] }");
        var request = Routes.Request("/", headers: [("x-internal-a", "1"), ("x-other", "2"), ("x-internal-b", "3"), ("x-internal-a", "4")]);
        stream.Request(request);
        Assert.Equal((false, false, "2"), (request.Has(new HeaderName("x-internal-a")), request.Has(new HeaderName("x-internal-b")), request.Get("x-other")));
    }

    [Fact]
    public void Pseudo_headers_may_be_changed()
    {
        using var stream = Make("mutations: { request_mutations: [{ append: { header: { key: ':path', value: /new }, append_action: OVERWRITE_IF_EXISTS_OR_ADD } }] }");
        var request = Routes.Request("/old");
        stream.Request(request);
        Assert.Equal("/new", request.Get(":path"));
    }

    [Fact]
    public void An_empty_value_adds_nothing_unless_it_is_kept()
    {
        using var stream = Make("mutations: { request_mutations: [{ append: { header: { key: x-a, value: '%REQ(x-none)%' } } }, { append: { header: { key: x-b, value: '' }, keep_empty_value: true } }] }");
        var request = Routes.Request("/");
        stream.Request(request);
        Assert.Equal((false, true), (request.Has(new HeaderName("x-a")), request.Has(new HeaderName("x-b"))));
    }

    [Theory]
    [InlineData(false, "host")]
    [InlineData(true, "route")]
    public void All_levels_of_the_route_apply_and_the_last_wins(bool mostSpecificWins, string winner)
    {
        using var stream = Make($"mutations: {{ request_mutations: [{{ append: {{ header: {{ key: x-a, value: filter }} }} }}] }}, most_specific_header_mutations_wins: {(mostSpecificWins ? "true" : "false")}");
        stream.Overrides = [Level("route"), Level("host")];
        var request = Routes.Request("/");
        stream.Request(request);
        Assert.Equal(winner, request.Get("x-a"));
    }

    private static MutationsConfig Level(string value) => MutationsConfig.OfRoute(
        Filters.Read<HeaderMutationPerRoute>($"mutations: {{ request_mutations: [{{ append: {{ header: {{ key: x-a, value: {value} }}, append_action: OVERWRITE_IF_EXISTS }} }}] }}"),
        Routes.Context(new ConfigContext()));

    private static FakeStream Make(string config) => new(Filters.One("header_mutation.v3.HeaderMutation", config));
}
