using static Weft.Proxy.Tests.Listeners.TestListener;

namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>Bodies of direct responses, by a server in this process.</summary>
public sealed class DirectAnswerTests
{
    [Theory]
    [InlineData("body: { inline_string: sorry }, body_format: { text_format_source: { inline_string: '%LOCAL_REPLY_BODY% %REQ(x-who)% %RESPONSE_CODE%' } }", "text/plain", "sorry ann 418")]
    [InlineData("body_format: { json_format: { who: '%REQ(x-who)%' } }", "application/json", "{\"who\":\"ann\"}\n")]
    [InlineData("body_format: { content_type: text/html, text_format_source: { inline_string: <p> } }", "text/html", "<p>")]
    [InlineData("body: { inline_string: as it is }", "text/plain", "as it is")]
    public async Task A_body_is_made_as_its_format_says(string response, string type, string body)
    {
        var answer = await GetAsync($"direct_response: {{ status: 418, {response} }}");
        Assert.Contains($"content-type: {type}\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_route_s_own_headers_count_before_the_type_of_the_format() => Assert.Contains(
        "content-type: image/png\r\n",
        await GetAsync("direct_response: { status: 200, body_format: { text_format_source: { inline_string: x } } }, response_headers_to_add: [ { header: { key: content-type, value: image/png }, append_action: OVERWRITE_IF_EXISTS_OR_ADD } ]"),
        StringComparison.Ordinal);

    private static async Task<string> GetAsync(string action)
    {
        using var running = Run("", "filters: [ { name: h, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: web, "
            + $"route_config: {{ virtual_hosts: [ {{ name: all, domains: ['*'], routes: [ {{ match: {{ prefix: / }}, {action} }} ] }} ] }}, "
            + "http_filters: [ { name: r, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ] } } ]");
        return await Send(running, "GET / HTTP/1.1\r\nhost: a\r\nx-who: ann\r\nconnection: close\r\n\r\n");
    }
}
