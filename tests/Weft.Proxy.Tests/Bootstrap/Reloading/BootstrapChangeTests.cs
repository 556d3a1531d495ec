using Weft.Config;
using Weft.Proxy.Bootstrap.Reloading;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Tests.Bootstrap.Reloading;

public sealed class BootstrapChangeTests
{
    [Theory]
    [InlineData("node: { id: a }", "node: { id: b }", "node")]
    [InlineData("admin: {}", "stats_flush_interval: 1s", "stats_flush_interval, admin")]
    [InlineData("static_resources: { clusters: [{ name: a }] }", "static_resources: { clusters: [{ name: b }] }", "")]
    [InlineData("layered_runtime: { layers: [{ name: a, static_layer: { x: 1 } }] }", "layered_runtime: { layers: [{ name: a, static_layer: { x: 2 } }] }", "")]
    [InlineData("layered_runtime: { layers: [{ name: a, rtds_layer: { name: x } }] }", "layered_runtime: { layers: [] }", "layered_runtime")]
    public void What_only_a_restart_takes_over_is_named(string running, string next, string expected)
    {
        var (before, after) = (Read(running), Read(next));
        Assert.Equal(expected, string.Join(", ", BootstrapChange.NeedingRestart(before, after)));
        // Once applied, what differed and can change differs no more.
        Assert.Equal(expected, string.Join(", ", BootstrapChange.NeedingRestart(BootstrapChange.Apply(before, after), after)));
    }

    private static BootstrapMessage Read(string text) => ConfigReader.ReadText<BootstrapMessage>(text, "test.yaml", new ReadOptions { AllowUnimplemented = true }, new ConfigContext());
}
