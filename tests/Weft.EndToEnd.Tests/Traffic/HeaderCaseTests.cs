using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>header_key_format: what peers that look at capitals get to see.</summary>
public sealed class HeaderCaseTests
{
    private const string PreserveCase =
        "header_key_format: { stateful_formatter: { name: preserve_case, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig } } }";

    [Fact]
    public async Task Capitals_of_client_and_server_reach_the_other_side()
    {
        var (request, response) = await ExchangeAsync(PreserveCase, PreserveCase);
        Assert.StartsWith("GET / HTTP/1.1\r\nHost: web\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nX-FromClient: 1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nx-forwarded-proto: http\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nX-fromServer: 2\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nserver: envoy\r\n", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_may_begin_with_capitals()
    {
        var (request, response) = await ExchangeAsync("header_key_format: { proper_case_words: {} }", "header_key_format: { proper_case_words: {} }, send_fully_qualified_url: true");
        Assert.StartsWith("GET http://web/ HTTP/1.1\r\nHost: web\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Forwarded-Proto: http\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Fromserver: 2\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nServer: envoy\r\n", response, StringComparison.Ordinal);
    }

    /// <summary>What the server got, and what the client got.</summary>
    private static async Task<(string Request, string Response)> ExchangeAsync(string downstream, string upstream)
    {
        var seen = new TaskCompletionSource<string>();
        using var server = new ScriptedUpstream(async (peer, _) =>
        {
            seen.TrySetResult(await peer.ReadUntilAsync("\r\n\r\n"));
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-fromServer: 2\r\n\r\nok");
            await peer.ReadToEndAsync();
        });
        var yaml = Configs.HttpProxy(
            server.Port,
            manager: $"          http_protocol_options: {{ {downstream} }}",
            cluster: $"    typed_extension_protocol_options: {{ envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {{ \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: {{ http_protocol_options: {{ {upstream} }} }} }} }}");
        await using var weft = await WeftProcess.StartAsync(yaml);
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: web\r\nX-FromClient: 1\r\n\r\n");
        return (await seen.Task, await client.ReadUntilAsync("ok"));
    }
}
