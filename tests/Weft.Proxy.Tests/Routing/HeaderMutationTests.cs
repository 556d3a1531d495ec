using Weft.Http;
using Weft.Proxy.Routing;

namespace Weft.Proxy.Tests.Routing;

public class HeaderMutationTests
{
    [Theory]
    [InlineData("APPEND_IF_EXISTS_OR_ADD", "old", "old|new")]
    [InlineData("APPEND_IF_EXISTS_OR_ADD", null, "new")]
    [InlineData("ADD_IF_ABSENT", "old", "old")]
    [InlineData("ADD_IF_ABSENT", null, "new")]
    [InlineData("OVERWRITE_IF_EXISTS_OR_ADD", "old", "new")]
    [InlineData("OVERWRITE_IF_EXISTS_OR_ADD", null, "new")]
    [InlineData("OVERWRITE_IF_EXISTS", "old", "new")]
    [InlineData("OVERWRITE_IF_EXISTS", null, "")]
    public void What_happens_to_a_header_that_is_there_depends_on_the_action(string action, string? before, string after)
        => Assert.Equal(after, Apply($"{{ header: {{ key: X-Test, value: new }}, append_action: {action} }}", before));

    [Theory]
    [InlineData("{ header: { key: x-test, value: new } }", "old|new")]
    [InlineData("{ header: { key: x-test, value: new }, append: true }", "old|new")]
    [InlineData("{ header: { key: x-test, value: new }, append: false }", "new")]
    [InlineData("{ header: { key: x-test, value: '' } }", "old")]
    [InlineData("{ header: { key: x-test, value: '' }, keep_empty_value: true }", "old|")]
    public void The_old_append_and_empty_values_are_understood(string option, string after) => Assert.Equal(after, Apply(option, "old"));

    [Fact]
    public void Removals_come_before_additions()
    {
        var request = Routes.Request("/", headers: [("x-a", "1"), ("x-a", "2"), ("x-b", "1")]);
        Mutations("request_headers_to_remove: [x-a, X-B], request_headers_to_add: [{ header: { key: x-a, value: new } }]").Apply(request, Routes.Format(request));
        Assert.Equal(["new"], request.All("x-a"));
        Assert.Empty(request.All("x-b"));
    }

    [Fact]
    public void Replacing_comes_before_adding_whatever_the_order()
    {
        var request = Routes.Request("/");
        Mutations("request_headers_to_add: [{ header: { key: x-a, value: added } }, { header: { key: x-a, value: set }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }]").Apply(request, Routes.Format(request));
        Assert.Equal(["set", "added"], request.All("x-a"));
    }

    [Theory]
    [InlineData("false", "cluster,route,host,table", "table")]
    [InlineData("true", "cluster,table,host,route", "route")]
    public void Levels_are_applied_in_order_and_the_last_wins(string mostSpecificWins, string order, string winner)
    {
        var table = Routes.Table($$"""
            most_specific_header_mutations_wins: {{mostSpecificWins}}
            request_headers_to_add: {{Levels("table")}}
            response_headers_to_add: {{Levels("table")}}
            virtual_hosts:
            - name: v
              domains: ["*"]
              request_headers_to_add: {{Levels("host")}}
              response_headers_to_add: {{Levels("host")}}
              routes:
              - match: { prefix: / }
                request_headers_to_add: {{Levels("route")}}
                response_headers_to_add: {{Levels("route")}}
                route: { weighted_clusters: { clusters: [{ name: c, weight: 1, request_headers_to_add: {{Levels("cluster")}}, response_headers_to_add: {{Levels("cluster")}} }] } }
            """);
        var request = Routes.Request("/");
        var route = table.Match(request)!;
        route.RequestHeaders.Apply(request, Routes.Format(request));
        Assert.Equal(order, string.Join(',', request.All("x-order")));
        Assert.Equal(winner, request.Get("x-winner"));
        var response = new HeaderMap();
        route.ResponseHeaders.Apply(response, Routes.Format(request));
        Assert.Equal(order, string.Join(',', response.All("x-order")));
    }

    [Theory]
    [InlineData("request_headers_to_add: [{ header: { key: ':path', value: x } }]", ":-prefixed or host headers may not be modified")]
    [InlineData("request_headers_to_add: [{ header: { key: Host, value: x } }]", ":-prefixed or host headers may not be modified")]
    [InlineData("response_headers_to_remove: [':status']", ":-prefixed or host headers may not be removed")]
    [InlineData("request_headers_to_remove: [host]", ":-prefixed or host headers may not be removed")]
    [InlineData("request_headers_to_add: [{ header: { key: a, value: x }, append: true, append_action: ADD_IF_ABSENT }]", "Both append and append_action are set and it's not allowed")]
    public void What_frames_a_message_may_not_be_touched(string mutation, string fault)
        => Assert.Contains(fault, Routes.FaultsOfRoutes($"- {{ match: {{ prefix: / }}, route: {{ cluster: c }}, {mutation} }}"));

    [Theory]
    [InlineData("%REQ(x-from)%", "a", "a")]
    [InlineData("pre-%REQ(x-from)%-post", "a", "pre-a-post")]
    [InlineData("%REQ(x-from)%", null, "")]
    [InlineData("pre-%REQ(x-from)%", null, "pre-")]
    [InlineData("100%%", null, "100%")]
    [InlineData("%REQ(x-from?:path)%", null, "/p")]
    [InlineData("%REQ(x-test)%+", "a", "old+")]
    public void A_value_may_be_formatted_and_what_is_missing_is_left_out(string value, string? from, string expected)
    {
        var request = Routes.Request("/p", headers: ("x-test", "old"));
        if (from is not null) Routes.Add(request, "x-from", from);
        Mutations($"request_headers_to_add: [{{ header: {{ key: x-test, value: '{value}' }}, append_action: OVERWRITE_IF_EXISTS_OR_ADD }}]").Apply(request, Routes.Format(request));
        Assert.Equal(expected.Length == 0 ? "old" : expected, request.Get("x-test"));
    }

    [Fact]
    public void Values_are_formatted_from_what_was_there_before_any_is_set()
    {
        var request = Routes.Request("/", headers: [("x-a", "1"), ("x-b", "2")]);
        Mutations("""
            request_headers_to_add: [{ header: { key: x-a, value: '%REQ(x-b)%' }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }, { header: { key: x-b, value: '%REQ(x-a)%' }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }]
            """).Apply(request, Routes.Format(request));
        Assert.Equal(("2", "1"), (request.Get("x-a"), request.Get("x-b")));
    }

    [Fact]
    public void A_wrong_format_is_reported_where_it_stands()
    {
        var config = new Weft.Config.ConfigContext();
        var message = Weft.Config.ConfigReader.ReadText<Envoy.Config.Route.V3.RouteConfiguration>(
            "request_headers_to_add:\n- header: { key: a, value: '%NOPE%' }", "t.yaml", new Weft.Config.ReadOptions(), config);
        RouteTable.Create(message, Routes.Context(config));
        Assert.StartsWith("t.yaml:2:21  request_headers_to_add[0].header.value", Assert.Single(config.Findings.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Formatting_a_value_allocates_nothing()
    {
        var mutations = Mutations("request_headers_to_add: [{ header: { key: x-b, value: 'a%REQ(x-a)%b' }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }]");
        var received = Routes.Request("/", headers: ("x-a", "1"));
        var (request, info) = (new HeaderMap(), new Weft.Proxy.Streams.StreamInfo());
        Assert.Equal(0, Allocations.Of(() =>
        {
            request.CopyFrom(received);
            mutations.Apply(request, Routes.Format(request, info));
        }));
    }

    [Fact]
    public void Nothing_to_do_is_known_as_such()
        => Assert.True(Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c } }").Match(Routes.Request("/"))!.RequestHeaders.IsEmpty);

    private static string Levels(string level)
        => $"[{{ header: {{ key: x-order, value: {level} }} }}, {{ header: {{ key: x-winner, value: {level} }}, append_action: OVERWRITE_IF_EXISTS_OR_ADD }}]";

    private static HeaderMutations Mutations(string mutation)
        => Routes.OfRoutes($"- {{ match: {{ prefix: / }}, route: {{ cluster: c }}, {mutation} }}").Match(Routes.Request("/"))!.RequestHeaders;

    private static string Apply(string option, string? before)
    {
        var request = Routes.Request("/");
        if (before is not null) Routes.Add(request, "x-test", before);
        Mutations($"request_headers_to_add: [{option}]").Apply(request, Routes.Format(request));
        return string.Join('|', request.All("x-test"));
    }
}
