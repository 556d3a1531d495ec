using Weft.Base;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.AdmissionControl;
using Weft.Proxy.Tests.Routing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tests.HttpFilters.AdmissionControl;

public sealed class AdmissionControlFilterTests : IDisposable
{
    private const string Type = "admission_control.v3.AdmissionControl";

    private readonly ManualTime _time = new();
    private readonly Worker _worker;
    private AdmissionControlFilterFactory _factory = null!;
    private FakeStream _stream = null!;

    public AdmissionControlFilterTests() => _worker = new Worker(0, "test", new RandomSource(1), _time);

    public void Dispose()
    {
        _stream?.Dispose();
        _worker.Dispose();
    }

    private void Make(string config)
    {
        _factory = (AdmissionControlFilterFactory)Filters.One(Type, config, Routes.Context(new ConfigContext()));
        _stream = new FakeStream(_ => _factory.Create(_worker));
    }

    /// <summary>One request; false when it was refused.</summary>
    private bool Serve(int status, params (string Name, string Value)[] headers)
    {
        var isServed = _stream.Request(Routes.Request("/")) == FilterStatus.Continue;
        if (isServed)
            _stream.Response(Response(status, headers), endStream: headers.Length > 0);
        _stream.End();
        return isServed;
    }

    private static HeaderMap Response(int status, params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        map.Set(KnownHeader.Status, status);
        foreach (var (name, value) in headers)
            map.Add(new HeaderName(name), System.Text.Encoding.ASCII.GetBytes(value));
        return map;
    }

    private void AdvanceMs(long ms)
    {
        _time.AdvanceMs(ms);
        _worker.Loop.RunTurn(0);
    }

    [Fact]
    public void Nothing_is_refused_while_the_upstream_is_well()
    {
        Make("success_criteria: {}");
        Assert.All(Enumerable.Range(0, 500), _ => Assert.True(Serve(200)));
        Assert.Equal((500, 0, 0), (_factory.Succeeded.Value, _factory.Failed.Value, _factory.Rejected.Value));
    }

    [Fact]
    public void The_more_fails_the_more_is_refused_up_to_a_limit_and_what_is_refused_does_not_count()
    {
        Make("success_criteria: {}");
        var served = Enumerable.Range(0, 4_000).Count(_ => Serve(503));
        Assert.InRange(served, 700, 1_000); // a fifth gets through
        Assert.Equal(served, _factory.Failed.Value);
        Assert.Equal(4_000 - served, _factory.Rejected.Value);
    }

    [Fact]
    public void Half_of_failures_refuses_nearly_half()
    {
        Make("success_criteria: {}, sampling_window: 10s");
        for (var i = 0; i < 400; i++)
            _ = Serve(i % 2 == 0 ? 200 : 500);
        var before = _factory.Rejected.Value;
        var refused = Enumerable.Range(0, 2_000).Count(i => !Serve(i % 2 == 0 ? 200 : 500));
        // (n - n/2 / 0.95) / n = 0.47
        Assert.InRange(refused, 800, 1_080);
        Assert.Equal(before + refused, _factory.Rejected.Value);
    }

    [Fact]
    public void What_is_older_than_the_window_is_forgotten()
    {
        Make("success_criteria: {}, sampling_window: 5s, max_rejection_probability: { runtime_key: max, default_value: { value: 100 } }");
        for (var i = 0; i < 1_000; i++)
            _ = Serve(500);
        AdvanceMs(5_100);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(Serve(200)));
    }

    [Fact]
    public void Few_requests_are_never_refused_where_that_is_wanted()
    {
        Make("success_criteria: {}, sampling_window: 10s, rps_threshold: { runtime_key: rps, default_value: 10 }");
        Assert.All(Enumerable.Range(0, 90), _ => Assert.True(Serve(500)));
        Assert.Contains(false, Enumerable.Range(0, 100).Select(_ => Serve(500)));
    }

    [Fact]
    public void What_a_success_is_can_be_said()
    {
        Make("success_criteria: { http_criteria: { http_success_status: [ { start: 200, end: 300 } ] }, grpc_criteria: { grpc_success_status: [ 0 ] } }, rps_threshold: { runtime_key: rps, default_value: 1000 }");
        Serve(404);
        Assert.Equal(1, _factory.Failed.Value);
        Serve(200, ("content-type", "application/grpc"), ("grpc-status", "0"));
        Assert.Equal(1, _factory.Succeeded.Value);
        Serve(200, ("content-type", "application/grpc"), ("grpc-status", "5"));
        Assert.Equal(2, _factory.Failed.Value);
    }

    [Fact]
    public void A_grpc_status_in_trailers_counts()
    {
        Make("success_criteria: {}");
        _stream.Request(Routes.Request("/"));
        _stream.Response(Response(200, ("content-type", "application/grpc")), endStream: false);
        Assert.Equal(0, _factory.Succeeded.Value + _factory.Failed.Value);
        var trailers = new HeaderMap();
        trailers.Add(new HeaderName("grpc-status"), "14"u8);
        _stream.ResponseTrailers(trailers);
        Assert.Equal(1, _factory.Failed.Value);
    }

    [Theory]
    [InlineData("success_criteria: {}, sr_threshold: { runtime_key: sr, default_value: { value: 0.5 } }", "Success rate threshold cannot be less than 1.0%.")]
    [InlineData("success_criteria: { http_criteria: { http_success_status: [ { start: 10, end: 300 } ] } }", "invalid HTTP range: [10, 300)")]
    [InlineData("success_criteria: { grpc_criteria: { grpc_success_status: [ 17 ] } }", "invalid gRPC code 17")]
    public void Wrong_configurations_are_refused(string config, string fault) => Assert.Contains(fault, Filters.FaultsOfOne(Type, config));
}
