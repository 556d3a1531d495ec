using Weft.Config;
using Weft.Http;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;
using Node = Weft.Proxy.Bootstrap.Node;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager.Headers;

public class ResponseHeaderRulesTests
{
    private static readonly DateTime s_now = new(1994, 11, 6, 8, 49, 37, DateTimeKind.Utc);

    [Theory]
    [InlineData("via: ''", "upstream", "envoy")]
    [InlineData("via: ''", null, "envoy")]
    [InlineData("server_name: weft", "upstream", "weft")]
    [InlineData("server_header_transformation: APPEND_IF_ABSENT", "upstream", "upstream")]
    [InlineData("server_header_transformation: APPEND_IF_ABSENT", null, "envoy")]
    [InlineData("server_header_transformation: PASS_THROUGH", "upstream", "upstream")]
    [InlineData("server_header_transformation: PASS_THROUGH", null, "")]
    public void The_server_header(string config, string? sent, string expected)
        => Assert.Equal(expected, (sent is null ? Apply(config) : Apply(config, ("server", sent))).Get("server"));

    [Fact]
    public void A_date_is_added_where_there_is_none()
    {
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", Apply("via: ''").Get("date"));
        Assert.Equal("yesterday", Apply("via: ''", ("date", "yesterday")).Get("date"));
    }

    [Fact]
    public void Via_is_appended()
    {
        Assert.Equal("weft", Apply("via: weft").Get("via"));
        Assert.Equal("other, weft", Apply("via: weft", ("via", "other")).Get("via"));
    }

    [Fact]
    public void Hop_by_hop_headers_go_no_further()
    {
        var response = Apply("via: ''", ("connection", "close"), ("keep-alive", "5"), ("transfer-encoding", "chunked"), ("proxy-connection", "x"), ("upgrade", "h2"));
        foreach (var name in new[] { "connection", "keep-alive", "transfer-encoding", "proxy-connection", "upgrade" }) Assert.Empty(response.All(name));
    }

    [Theory]
    [InlineData("101", "")]
    [InlineData("200", "0")]
    public void An_upgrade_keeps_its_headers(string status, string contentLength)
    {
        var request = Routes.Request("/", headers: [("connection", "upgrade"), ("upgrade", "websocket")]);
        var response = Response(status, ("connection", "Upgrade"), ("upgrade", "websocket"));
        Rules("via: ''").Apply(response, request, new StreamInfo(), s_now);
        Assert.Equal("websocket", response.Get("upgrade"));
        Assert.Equal("upgrade", response.Get("connection"));
        Assert.Equal(contentLength, response.Get("content-length"));
    }

    [Fact]
    public void The_request_id_is_told_when_asked_for()
    {
        var request = Routes.Request("/", headers: ("x-request-id", "id"));
        Assert.Equal("", Apply("via: ''", request).Get("x-request-id"));
        Assert.Equal("id", Apply("always_set_request_id_in_response: true", request).Get("x-request-id"));
        Routes.Add(request, "x-envoy-force-trace", "1");
        Assert.Equal("id", Apply("via: ''", request).Get("x-request-id"));
    }

    [Theory]
    [InlineData("{}", ResponseFlags.UpstreamConnectionFailure, null, "envoy; error=connection_refused; details=\"broken \\\"pipe\\\"; UF\"", 503)]
    [InlineData("{ literal_proxy_name: edge }", ResponseFlags.NoRouteFound, null, "edge; error=destination_not_found; details=\"broken \\\"pipe\\\"; NR\"", 503)]
    [InlineData("{ use_node_id: true }", ResponseFlags.UpstreamRequestTimeout | ResponseFlags.UpstreamRetryLimitExceeded, null, "node-1; error=http_response_timeout; details=\"broken \\\"pipe\\\"; UT,URX\"", 503)]
    [InlineData("{}", ResponseFlags.UpstreamOverflow, "reset by peer", "envoy; error=connection_limit_reached; details=\"broken \\\"pipe\\\"; reset by peer; UO\"", 503)]
    [InlineData("{ remove_connection_termination_details: true, remove_response_flags: true }", ResponseFlags.UpstreamOverflow, "reset by peer", "envoy; error=connection_limit_reached; details=\"broken \\\"pipe\\\"\"", 503)]
    [InlineData("{ remove_details: true, set_recommended_response_code: true }", ResponseFlags.UpstreamProtocolError, null, "envoy; error=http_protocol_error", 502)]
    [InlineData("{ remove_details: true, set_recommended_response_code: true }", ResponseFlags.NoHealthyUpstream, null, "envoy; error=destination_unavailable", 503)]
    [InlineData("{ remove_details: true, set_recommended_response_code: true }", ResponseFlags.FaultInjected, null, "envoy; error=http_request_error", 503)]
    [InlineData("{ remove_details: true, set_recommended_response_code: true }", ResponseFlags.DurationTimeout, null, "envoy; error=connection_timeout", 504)]
    [InlineData("{}", ResponseFlags.None, null, "", 503)]
    [InlineData("{}", ResponseFlags.DelayInjected, null, "", 503)]
    public void A_failure_is_told_in_proxy_status(string config, ResponseFlags flags, string? termination, string expected, int status)
    {
        var rules = ResponseHeaderRules.Create(Headers.Rules.Read($"proxy_status_config: {config}"), Routes.Context(new ConfigContext(), new Node("node-1", "", "")));
        var response = Response("503");
        var info = new StreamInfo { ResponseFlags = flags, ResponseCodeDetails = "broken \"pipe\"", ConnectionTerminationDetails = termination, ResponseCode = 503 };
        rules.Apply(response, Routes.Request("/"), info, s_now);
        Assert.Equal((expected, status, status), (response.Get("proxy-status"), response.Status, info.ResponseCode));
    }

    [Fact]
    public void Proxy_status_of_an_upstream_goes_in_front()
    {
        var response = Response("503", ("proxy-status", "other; error=dns_error"));
        Rules("proxy_status_config: { remove_details: true }").Apply(response, Routes.Request("/"), new StreamInfo { ResponseFlags = ResponseFlags.NoRouteFound }, s_now);
        Assert.Equal("other; error=dns_error, envoy; error=destination_not_found", response.Get("proxy-status"));
    }

    [Fact]
    public void Applying_them_allocates_nothing()
    {
        var rules = Rules("via: weft");
        var request = Routes.Request("/");
        var received = Response("200", ("server", "x"), ("content-length", "5"));
        var (response, info) = (new HeaderMap(), new StreamInfo());
        Assert.Equal(0, Allocations.Of(() =>
        {
            response.CopyFrom(received);
            rules.Apply(response, request, info, s_now);
        }));
    }

    private static HeaderMap Apply(string config, params (string, string)[] headers)
    {
        var response = Response("200", headers);
        Rules(config).Apply(response, Routes.Request("/"), new StreamInfo(), s_now);
        return response;
    }

    private static HeaderMap Apply(string config, HeaderMap request)
    {
        var response = Response("200");
        Rules(config).Apply(response, request, new StreamInfo(), s_now);
        return response;
    }

    private static HeaderMap Response(string status, params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        Routes.Add(map, ":status", status);
        foreach (var (name, value) in headers) Routes.Add(map, name, value);
        return map;
    }

    private static ResponseHeaderRules Rules(string config) => ResponseHeaderRules.Create(Headers.Rules.Read(config), Routes.Context(new ConfigContext()));
}
