using System.Text;
using Weft.Config;
using Weft.Proxy.HttpFilters.SetFilterState;
using Weft.Proxy.Tests.Routing;
using Message = Envoy.Extensions.Filters.Http.SetFilterState.V3.Config;

namespace Weft.Proxy.Tests.HttpFilters.SetFilterState;

public sealed class SetFilterStateFilterTests
{
    private static string Entry(string key, string format, string rest = "")
        => $"{{ object_key: {key}, factory_key: envoy.hashable_string, format_string: {{ text_format_source: {{ inline_string: '{format}' }} }}{rest} }}";

    [Fact]
    public void Texts_are_kept_with_the_request_the_route_s_last()
    {
        using var stream = new FakeStream(Filters.One("set_filter_state.v3.Config", $"on_request_headers: [{Entry("user", "%REQ(x-user)%")}, {Entry("fixed", "first", ", read_only: true")}, {Entry("none", "%REQ(x-none)%", ", skip_if_empty: true")}]"));
        stream.Overrides =
        [
            SetFilterStateConfig.Create(Filters.Read<Message>($"on_request_headers: [{Entry("user", "route")}, {Entry("fixed", "second")}]"), Routes.Context(new ConfigContext())),
            SetFilterStateConfig.Create(Filters.Read<Message>($"on_request_headers: [{Entry("user", "host")}, {Entry("host", "yes")}]"), Routes.Context(new ConfigContext())),
        ];
        stream.Request(Routes.Request("/", headers: ("x-user", "ann")));
        Assert.Equal(("route", "first", "yes"), (Text(stream, "user"), Text(stream, "fixed"), Text(stream, "host")));
        stream.End();
    }

    [Fact]
    public void Without_an_override_the_filter_s_own_texts_stand()
    {
        using var stream = new FakeStream(Filters.One("set_filter_state.v3.Config", $"on_request_headers: [{Entry("user", "%REQ(x-user)%")}]"));
        stream.Request(Routes.Request("/", headers: ("x-user", "ann")));
        Assert.Equal("ann", Text(stream, "user"));
    }

    [Theory]
    [InlineData("envoy.tcp_proxy.disable_tunneling", "true", true)]
    [InlineData("envoy.tcp_proxy.disable_tunneling", "yes", false)]
    [InlineData("envoy.tcp_proxy.per_connection_idle_timeout_ms", "1500", true)]
    [InlineData("envoy.tcp_proxy.per_connection_idle_timeout_ms", "1.5s", false)]
    [InlineData("envoy.ratelimit.hits_addend", "7", true)]
    [InlineData("envoy.ratelimit.hits_addend", "-7", false)]
    public void What_is_not_of_its_kind_is_not_kept(string key, string text, bool isKept)
    {
        using var stream = new FakeStream(Filters.One("set_filter_state.v3.Config", $"on_request_headers: [{{ object_key: {key}, format_string: {{ text_format_source: {{ inline_string: '{text}' }} }} }}]"));
        stream.Request(Routes.Request("/"));
        Assert.Equal(isKept ? text : "", Text(stream, key));
    }

    [Fact]
    public void Objects_of_other_kinds_are_refused()
        => Assert.Equal(["'envoy.some.object' does not have an object factory"], Filters.FaultsOfOne("set_filter_state.v3.Config", "on_request_headers: [{ object_key: envoy.some.object, format_string: { text_format_source: { inline_string: x } } }]"));

    private static string Text(FakeStream stream, string key)
        => stream.Info.FilterState.Find(key)?.Text is { } text ? Encoding.UTF8.GetString(text) : "";
}
