using Weft.Config;
using Weft.Proxy.Overload;
using Weft.Proxy.Tests.Clusters;
using Message = Envoy.Config.Overload.V3.OverloadManager;

namespace Weft.Proxy.Tests.Overload;

public sealed class OverloadManagerTests : IDisposable
{
    private const string Requests = "envoy.overload_actions.stop_accepting_requests";

    private readonly TestLoop _loop = new();
    private readonly TestClusters _test;
    private readonly string _pressure = Path.GetTempFileName();

    public OverloadManagerTests() => _test = new TestClusters(_loop.Loop);

    public void Dispose()
    {
        _loop.Dispose();
        File.Delete(_pressure);
    }

    private OverloadState State => _test.Context.Overload;

    private string Monitor(string name = "load") =>
        $"{{ name: {name}, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig, filename: {_pressure} }} }}";

    private OverloadManager Compile(string rest) =>
        new OverloadManagerCompiler(_test.Context).Compile(ConfigReader.ReadText<Message>($"{{ refresh_interval: 0.1s, resource_monitors: [ {Monitor()} ], {rest} }}", "o.yaml", new ReadOptions(), _test.Config));

    private void Press(string pressure)
    {
        File.WriteAllText(_pressure, pressure);
        _loop.AdvanceMs(110);
    }

    [Fact]
    public void A_threshold_saturates_its_action_and_lets_it_go_again()
    {
        using var manager = Compile($"actions: [ {{ name: {Requests}, triggers: [ {{ name: load, threshold: {{ value: 0.9 }} }} ] }} ]");
        manager.Start();
        Press("0.89");
        Assert.Equal(0, State.StopAcceptingRequests.Value);
        Press("0.9");
        Assert.True(State.StopAcceptingRequests.IsSaturated);
        Assert.Equal((1L, 100L, 90L), (_test.Printed($"overload.{Requests}.active"), _test.Printed($"overload.{Requests}.scale_percent"), _test.Printed("overload.load.pressure")));
        Press("0.1");
        Assert.Equal(0, State.StopAcceptingRequests.Value);
        Assert.Equal(0, _test.Printed($"overload.{Requests}.active"));
    }

    [Fact]
    public void A_scaled_trigger_rises_between_its_thresholds_and_the_highest_of_several_resources_counts()
    {
        using var manager = Compile($"actions: [ {{ name: {Requests}, triggers: [ {{ name: load, scaled: {{ scaling_threshold: 0.5, saturation_threshold: 0.9 }} }} ] }} ]");
        manager.Start();
        Press("0.6");
        Assert.Equal(0.25, State.StopAcceptingRequests.Value, 3);
        Press("0.95");
        Assert.Equal(1, State.StopAcceptingRequests.Value);
    }

    [Fact]
    public void A_resource_that_cannot_be_measured_changes_nothing_and_is_counted()
    {
        using var manager = Compile($"actions: [ {{ name: {Requests}, triggers: [ {{ name: load, threshold: {{ value: 0.9 }} }} ] }} ]");
        manager.Start();
        Press("1");
        Press("much");
        Assert.True(State.StopAcceptingRequests.IsSaturated);
        Assert.Equal(1, _test.Printed("overload.load.failed_updates"));
    }

    [Fact]
    public void A_load_shed_point_counts_what_it_sheds()
    {
        using var manager = Compile("loadshed_points: [ { name: envoy.load_shed_points.tcp_listener_accept, triggers: [ { name: load, threshold: { value: 0.5 } } ] } ]");
        manager.Start();
        var random = new Weft.Base.RandomSource(1);
        Assert.False(State.TcpListenerAccept.Sheds(random));
        Press("0.5");
        Assert.True(State.TcpListenerAccept.Sheds(random));
        Assert.Equal(1, _test.Printed("overload.envoy.load_shed_points.tcp_listener_accept.shed_load_count"));
    }

    [Fact]
    public void Listeners_are_told_when_accepting_stops_and_goes_on()
    {
        using var manager = Compile("actions: [ { name: envoy.overload_actions.stop_accepting_connections, triggers: [ { name: load, threshold: { value: 0.5 } } ] } ]");
        var told = new List<bool>();
        manager.StopsAccepting = told.Add;
        manager.Start();
        foreach (var pressure in (string[])["0.1", "0.6", "0.7", "0.2"])
            Press(pressure);
        Assert.Equal([true, false], told);
    }

    [Fact]
    public void Time_limits_shrink_towards_their_minimum()
    {
        using var manager = Compile("""
            actions:
            [ { name: envoy.overload_actions.reduce_timeouts, triggers: [ { name: load, scaled: { scaling_threshold: 0.85, saturation_threshold: 0.95 } } ],
                typed_config: { "@type": type.googleapis.com/envoy.config.overload.v3.ScaleTimersOverloadActionConfig, timer_scale_factors:
                [ { timer: HTTP_DOWNSTREAM_CONNECTION_IDLE, min_timeout: 2s }, { timer: HTTP_DOWNSTREAM_STREAM_IDLE, min_scale: { value: 10 } } ] } } ]
            """);
        Assert.Empty(_test.Faults);
        manager.Start();
        Assert.Equal(600_000, State.ConnectionIdle.Limit(600_000));
        Press("0.92");
        Assert.InRange(State.ConnectionIdle.Limit(600_000), 181_390, 181_410);
        Assert.Equal(0, State.ConnectionIdle.Limit(0));
        Press("1");
        Assert.Equal((2_000, 60_000, 600_000), (State.ConnectionIdle.Limit(600_000), State.StreamIdle.Limit(600_000), State.TransportSocketConnect.Limit(600_000)));
        Assert.Equal(1_000, State.ConnectionIdle.StepMs(500_000, 600_000));
    }

    [Theory]
    [InlineData("actions: [ { name: envoy.overload_actions.nothing, triggers: [ { name: load, threshold: {} } ] } ]", "Unknown Overload Manager Action envoy.overload_actions.nothing")]
    [InlineData("actions: [ { name: envoy.overload_actions.shrink_heap, triggers: [ { name: other, threshold: {} } ] } ]", "Unknown trigger resource other for overload action envoy.overload_actions.shrink_heap")]
    [InlineData("actions: [ { name: envoy.overload_actions.shrink_heap, triggers: [ { name: load, scaled: { scaling_threshold: 0.9, saturation_threshold: 0.9 } } ] } ]", "scaling_threshold must be less than saturation_threshold")]
    [InlineData("actions: [ { name: envoy.overload_actions.shrink_heap, triggers: [ { name: load, threshold: {} }, { name: load, threshold: {} } ] } ]", "Duplicate trigger resource for overload action envoy.overload_actions.shrink_heap")]
    [InlineData("loadshed_points: [ { name: mine, triggers: [ { name: load, threshold: {} } ] } ]", "load shed point mine is not implemented")]
    public void Wrong_configurations_are_refused(string rest, string fault)
    {
        Compile(rest).Dispose();
        Assert.Contains(_test.Faults, text => text.EndsWith(fault, StringComparison.Ordinal));
    }
}
