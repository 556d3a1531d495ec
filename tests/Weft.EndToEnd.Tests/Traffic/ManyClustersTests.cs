using System.Text;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>A proxy with ten thousand clusters.</summary>
public sealed class ManyClustersTests
{
    private const int Count = 10_000;
    private const long AllowedGrowthBytes = 20 << 20;

    [Fact]
    public async Task Prometheus_reads_all_statistics_in_bounded_memory()
    {
        var yaml = new StringBuilder("static_resources:\n  clusters:\n");
        for (var i = 0; i < Count; i++)
            yaml.Append($"  - {{ name: c{i}, connect_timeout: 1s, load_assignment: {{ cluster_name: c{i}, endpoints: [ {{ lb_endpoints: [ {{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: 1 }} }} }} }} ] }} ] }} }}\n");
        await using var weft = await WeftProcess.StartAsync(yaml.ToString());
        await ReadAsync(weft);
        weft.ForgetPeakMemory();
        var before = weft.ResidentBytes;

        var lines = await ReadAsync(weft);

        Assert.True(lines > Count * 50, $"{lines} lines");
        Assert.InRange(weft.PeakResidentBytes - before, long.MinValue, AllowedGrowthBytes);
    }

    private static async Task<long> ReadAsync(WeftProcess weft)
    {
        using var reader = new StreamReader(await weft.Http.GetStreamAsync(new Uri(weft.Admin, "stats/prometheus")));
        long lines = 0;
        while (await reader.ReadLineAsync() is not null)
            lines++;
        return lines;
    }
}
