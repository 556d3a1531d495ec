using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Running;

/// <summary>SIGHUP under load: what can change while the proxy runs does, the rest is named, and nobody loses a request.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task A_changed_file_is_taken_over_under_load_without_a_lost_request()
    {
        using var one = ScriptedUpstream.Answering(ScriptedUpstream.Ok("one"));
        using var two = ScriptedUpstream.Answering(ScriptedUpstream.Ok("two"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(one.Port));
        var (path, port) = (Path.Combine(weft.WorkingDirectory, "envoy.yaml"), await weft.Port("web"));
        var file = await File.ReadAllTextAsync(path);
        await using var flow = new RequestFlow(new Uri($"http://127.0.0.1:{port}/"));
        await weft.WaitForStat("http.web.downstream_rq_2xx", 100);

        // In place: limits. Then endpoints, a listener with another filter chain, another cluster beside it.
        await ReloadAsync(file.Replace("connect_timeout: 60s", "connect_timeout: 30s", StringComparison.Ordinal), "1 cluster(s) and 0 listener(s) added or changed");
        await ReloadAsync(file.Replace($"port_value: {one.Port}", $"port_value: {two.Port}", StringComparison.Ordinal), "1 cluster(s) and 0 listener(s) added or changed");
        await ReloadAsync(file.Replace("stat_prefix: web", "stat_prefix: changed", StringComparison.Ordinal), "1 cluster(s) and 1 listener(s) added or changed");
        await weft.WaitForStat("http.changed.downstream_rq_2xx", 1);
        await flow.StopAsync();

        Assert.True(flow.Answered > 50, "too few requests to say anything");
        Assert.Empty(flow.Failures);
        Assert.Equal(port, await weft.Port("web"));

        async Task ReloadAsync(string text, string said)
        {
            var from = weft.Log.Length;
            await File.WriteAllTextAsync(path, text);
            weft.Signal("HUP");
            await Wait.Until(() => Task.FromResult(weft.Log.IndexOf(said, from, StringComparison.Ordinal) >= 0), said, () => weft.Log);
        }
    }

    [Fact]
    public async Task What_only_a_restart_takes_over_is_named_and_faults_change_nothing()
    {
        using var one = ScriptedUpstream.Answering(ScriptedUpstream.Ok("one"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(one.Port));
        var path = Path.Combine(weft.WorkingDirectory, "envoy.yaml");
        var file = await File.ReadAllTextAsync(path);

        await File.WriteAllTextAsync(path, "node: { id: other }\n" + file);
        weft.Signal("HUP");
        await Wait.Until(() => Task.FromResult(weft.Log.Contains("node differs from what runs, which only a restart takes over", StringComparison.Ordinal)), "the field to be named", () => weft.Log);

        await File.WriteAllTextAsync(path, file.Replace("connect_timeout: 60s", "conect_timeout: 2s", StringComparison.Ordinal));
        weft.Signal("HUP");
        await Wait.Until(() => Task.FromResult(weft.Log.Contains("did you mean connect_timeout?", StringComparison.Ordinal)), "the fault to be named", () => weft.Log);
        Assert.Contains("is not taken over, everything stays as it is: 1 error(s)", weft.Log, StringComparison.Ordinal);
        Assert.Equal(0, await weft.Stat("cluster_manager.cluster_modified"));
    }
}
