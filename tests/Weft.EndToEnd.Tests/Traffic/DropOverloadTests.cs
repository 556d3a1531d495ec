using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>A management server, or the configuration itself, has a share of a cluster's requests refused (policy.drop_overloads).</summary>
public sealed class DropOverloadTests
{
    private static Task<WeftProcess> StartAsync(ScriptedUpstream upstream, int percent)
    {
        const string Log = """
                      access_log: { name: envoy.access_loggers.stdout, typed_config: { "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog,
                        log_format: { text_format_source: { inline_string: "LOG %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %UPSTREAM_CLUSTER%\n" } } } }
            """;
        return WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: Log) + $"\n      policy: {{ drop_overloads: [ {{ category: throttle, drop_percentage: {{ numerator: {percent} }} }} ] }}\n");
    }

    private static ScriptedUpstream Server() => new(async (peer, _) =>
    {
        while (true)
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            peer.Forget();
            await peer.SendAsync(ScriptedUpstream.Ok("fine"));
        }
    });

    [Fact]
    public async Task A_share_of_the_requests_is_refused()
    {
        using var upstream = Server();
        await using var weft = await StartAsync(upstream, 50);
        var url = new Uri($"http://127.0.0.1:{await weft.Port("web")}/");
        var dropped = 0;
        for (var i = 0; i < 200; i++)
        {
            using var answer = await weft.Http.GetAsync(url);
            if (answer.StatusCode == HttpStatusCode.OK)
                continue;
            dropped++;
            Assert.Equal("drop overload", await answer.Content.ReadAsStringAsync());
            Assert.Equal("true", Assert.Single(answer.Headers.GetValues("x-envoy-drop-overload")));
        }

        // Half, give or take six sigma.
        Assert.InRange(dropped, 55, 145);
        await weft.ExpectStat("cluster.backend.upstream_rq_drop_overload", dropped);
        await weft.ExpectStat("cluster.backend.upstream_rq_503", dropped);
        await Wait.Until(() => Task.FromResult(weft.Log.Contains("LOG 503 DO drop_overload backend", StringComparison.Ordinal)), "the log line", () => weft.Log);
    }

    [Fact]
    public async Task All_of_them_are_refused_in_other_words()
    {
        using var upstream = Server();
        await using var weft = await StartAsync(upstream, 100);
        using var answer = await weft.Http.GetAsync(new Uri($"http://127.0.0.1:{await weft.Port("web")}/"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unconditional drop overload"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal("true", Assert.Single(answer.Headers.GetValues("x-envoy-unconditional-drop-overload")));
        Assert.Equal(0, upstream.Connections);
        await Wait.Until(() => Task.FromResult(weft.Log.Contains("LOG 503 UDO unconditional_drop_overload backend", StringComparison.Ordinal)), "the log line", () => weft.Log);
    }
}
