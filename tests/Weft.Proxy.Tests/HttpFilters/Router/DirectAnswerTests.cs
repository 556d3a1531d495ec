namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>Bodies of direct responses.</summary>
public sealed class DirectAnswerTests
{
    [Theory]
    [InlineData("body: { inline_string: sorry }, body_format: { text_format_source: { inline_string: '%LOCAL_REPLY_BODY% %REQ(x-who)% %RESPONSE_CODE%' } }", "text/plain", "sorry ann 418")]
    [InlineData("body_format: { json_format: { who: '%REQ(x-who)%' } }", "application/json", "{\"who\":\"ann\"}\n")]
    [InlineData("body_format: { content_type: text/html, text_format_source: { inline_string: <p> } }", "text/html", "<p>")]
    [InlineData("body: { inline_string: as it is }", "text/plain", "as it is")]
    public void A_body_is_made_as_its_format_says(string response, string type, string body)
    {
        using var bench = new RouterBench();
        bench.Start($"- {{ match: {{ prefix: / }}, direct_response: {{ status: 418, {response} }} }}");
        var answer = bench.Get("x-who: ann").Read();
        Assert.Contains($"content-type: {type}\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_route_s_own_headers_count_before_the_type_of_the_format()
    {
        using var bench = new RouterBench();
        bench.Start("- { match: { prefix: / }, direct_response: { status: 200, body_format: { text_format_source: { inline_string: x } } }, response_headers_to_add: [ { header: { key: content-type, value: image/png }, append_action: OVERWRITE_IF_EXISTS_OR_ADD } ] }");
        Assert.Contains("content-type: image/png\r\n", bench.Get().Read(), StringComparison.Ordinal);
    }
}
