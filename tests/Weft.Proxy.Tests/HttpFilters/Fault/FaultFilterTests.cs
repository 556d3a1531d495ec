using Envoy.Extensions.Filters.Http.Fault.V3;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Fault;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Fault;

public sealed class FaultFilterTests : IDisposable
{
    private const string All = "percentage: { numerator: 100 }";

    private readonly ManualTime _time = new();
    private readonly TestLoop _main = new();
    private readonly FactoryContext _context;
    private FaultFilterFactory _factory = null!;
    private FakeStream _stream = null!;

    public FaultFilterTests() => _context = Routes.Context(new ConfigContext(), loop: _main.Loop);

    public void Dispose()
    {
        _stream.Dispose();
        _main.Dispose();
    }

    [Fact]
    public void An_abort_answers_in_place_of_the_upstream()
    {
        Make($"abort: {{ http_status: 503, {All} }}");
        Assert.Equal(FilterStatus.Ended, _stream.Request(Routes.Request("/")));
        Assert.Equal((503, "fault filter abort", "fault_filter_abort", ResponseFlags.FaultInjected), _stream.Reply);
        Assert.Equal(1, _factory.Stats.AbortsInjected.Value);
        Assert.Equal(1, _factory.Stats.ActiveFaults.Value);
        _stream.End();
        Assert.Equal(0, _factory.Stats.ActiveFaults.Value);
    }

    [Fact]
    public void A_share_of_requests_is_aborted()
    {
        Make("abort: { http_status: 503, percentage: { numerator: 10 } }");
        var aborted = 0;
        for (var i = 0; i < 10_000; i++)
        {
            aborted += _stream.Request(Routes.Request("/")) == FilterStatus.Ended ? 1 : 0;
            _stream.End();
        }

        Assert.InRange(aborted, 850, 1150);
    }

    [Fact]
    public void A_percentage_that_is_not_given_is_none()
    {
        Make("abort: { http_status: 503 }");
        Assert.Equal(FilterStatus.Continue, _stream.Request(Routes.Request("/")));
    }

    [Fact]
    public void A_grpc_abort_tells_grpc_clients_the_status()
    {
        Make($"abort: {{ grpc_status: 5, {All} }}");
        _stream.Request(Routes.Request("/", headers: ("content-type", "application/grpc")));
        Assert.Equal(200, _stream.Reply!.Value.Status);
        Assert.Equal("5", _stream.LocalReplyHeaders.Get("grpc-status"));
    }

    [Theory]
    [InlineData("x-envoy-fault-abort-request", "429", 429)]
    [InlineData("x-envoy-fault-abort-request", "700", null)]
    [InlineData("x-envoy-fault-abort-request", "4x", null)]
    [InlineData("x-envoy-fault-abort-grpc-request", "5", 200)]
    [InlineData("x-other", "429", null)]
    public void A_header_asks_for_an_abort(string header, string value, int? status)
    {
        Make($"abort: {{ header_abort: {{}}, {All} }}");
        _stream.Request(Routes.Request("/", headers: (header, value)));
        Assert.Equal(status, _stream.Reply?.Status);
    }

    [Fact]
    public void A_header_lowers_the_percentage_but_never_raises_it()
    {
        Make("abort: { header_abort: {}, percentage: { numerator: 50 } }");
        Assert.Equal(0, Aborts("0"));
        Assert.InRange(Aborts("100"), 400, 600);

        int Aborts(string percentage)
        {
            var aborted = 0;
            for (var i = 0; i < 1000; i++)
            {
                aborted += _stream.Request(Routes.Request("/", headers: [("x-envoy-fault-abort-request", "503"), ("x-envoy-fault-abort-request-percentage", percentage)])) == FilterStatus.Ended ? 1 : 0;
                _stream.End();
            }

            return aborted;
        }
    }

    [Fact]
    public void A_delay_holds_the_request_and_then_lets_it_go_on()
    {
        Make($"delay: {{ fixed_delay: 0.002s, {All} }}");
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.Request(Routes.Request("/"), endStream: false));
        Assert.Equal(1, _stream.Pauses);
        Assert.Equal(ResponseFlags.DelayInjected, _stream.Info.ResponseFlags);
        Assert.Equal(0, _stream.RequestContinues);
        RunUntil(() => _stream.RequestContinues == 1);
        Assert.Equal((0, 0L, 1L), (_stream.Pauses, _factory.Stats.ActiveFaults.Value, _factory.Stats.DelaysInjected.Value));
    }

    [Fact]
    public void A_delay_may_end_in_an_abort()
    {
        Make($"delay: {{ fixed_delay: 0.001s, {All} }}, abort: {{ http_status: 500, {All} }}");
        _stream.Request(Routes.Request("/"));
        RunUntil(() => _stream.Reply is not null);
        Assert.Equal(ResponseFlags.DelayInjected | ResponseFlags.FaultInjected, _stream.Info.ResponseFlags);
        Assert.Equal(0, _stream.RequestContinues);
    }

    [Fact]
    public void A_stream_that_ends_during_its_delay_leaves_nothing_behind()
    {
        Make($"delay: {{ fixed_delay: 0.001s, {All} }}");
        _stream.Request(Routes.Request("/"), endStream: false);
        _stream.End();
        for (var i = 0; i < 5; i++)
            PassMs(1);
        Assert.Equal((0, 0, 0L), (_stream.Pauses, _stream.RequestContinues, _factory.Stats.ActiveFaults.Value));
    }

    [Theory]
    [InlineData("20", FilterStatus.StopAndBuffer)]
    [InlineData("0", FilterStatus.Continue)]
    [InlineData("x", FilterStatus.Continue)]
    public void A_header_tells_the_delay(string ms, FilterStatus status)
    {
        Make($"delay: {{ header_delay: {{}}, {All} }}");
        Assert.Equal(status, _stream.Request(Routes.Request("/", headers: ("x-envoy-fault-delay-request", ms))));
    }

    [Fact]
    public void Runtime_keys_override_what_is_configured()
    {
        Make("abort: { http_status: 503, percentage: { numerator: 0 } }");
        Assert.Equal(FilterStatus.Continue, _stream.Request(Routes.Request("/")));
        _context.Runtime.Set(("fault.http.abort.abort_percent", "100"), ("fault.http.abort.http_status", "418"));
        _stream.Request(Routes.Request("/"));
        Assert.Equal(418, _stream.Reply!.Value.Status);
    }

    [Fact]
    public void A_calling_cluster_has_keys_and_counters_of_its_own()
    {
        Make($"abort: {{ http_status: 503, {All} }}");
        _context.Runtime.Set(("fault.http.web.abort.abort_percent", "0"));
        Assert.Equal(FilterStatus.Continue, _stream.Request(Routes.Request("/", headers: ("x-envoy-downstream-service-cluster", "web"))));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(FilterStatus.Ended, _stream.Request(Routes.Request("/", headers: ("x-envoy-downstream-service-cluster", "app"))));
            _stream.End();
            _main.Settle();
        }

        Assert.Equal(2, _context.Stats.Scope("http.test.fault.").Counter("app.aborts_injected").Value);
    }

    [Theory]
    [InlineData("headers: [{ name: x-fault, string_match: { exact: 'yes' } }]", "x-fault", "yes")]
    [InlineData("downstream_nodes: [n1, n2]", "x-envoy-downstream-service-node", "n2")]
    public void A_fault_is_for_requests_that_fit(string condition, string header, string value)
    {
        Make($"{condition}, abort: {{ http_status: 503, {All} }}");
        Assert.Equal(FilterStatus.Continue, _stream.Request(Routes.Request("/")));
        Assert.Equal(FilterStatus.Continue, _stream.Request(Routes.Request("/", headers: (header, "other"))));
        Assert.Equal(FilterStatus.Ended, _stream.Request(Routes.Request("/", headers: (header, value))));
    }

    [Theory]
    [InlineData("a", FilterStatus.Ended)]
    [InlineData("b", FilterStatus.Continue)]
    public void A_fault_is_for_requests_to_one_cluster(string cluster, FilterStatus status)
    {
        Make($"upstream_cluster: a, abort: {{ http_status: 503, {All} }}");
        _stream.Route = Routes.OfRoutes($"- {{ match: {{ prefix: / }}, route: {{ cluster: {cluster} }} }}").Match(Routes.Request("/"));
        Assert.Equal(status, _stream.Request(Routes.Request("/")));
    }

    [Fact]
    public void No_more_faults_are_active_than_allowed()
    {
        Make($"max_active_faults: 1, delay: {{ fixed_delay: 100s, {All} }}");
        using var other = new FakeStream(_factory);
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.Request(Routes.Request("/")));
        Assert.Equal(FilterStatus.Continue, other.Request(Routes.Request("/")));
        Assert.Equal(1, _factory.Stats.FaultsOverflow.Value);
        _stream.End();
        Assert.Equal(FilterStatus.StopAndBuffer, other.Request(Routes.Request("/")));
    }

    [Fact]
    public void A_route_has_faults_of_its_own()
    {
        Make($"abort: {{ http_status: 503, {All} }}");
        _stream.Overrides = [FaultConfig.Create(Filters.Read<HTTPFault>($"abort: {{ http_status: 404, {All} }}"), _context)];
        _stream.Request(Routes.Request("/"));
        Assert.Equal(404, _stream.Reply!.Value.Status);
    }

    [Fact]
    public void Filter_metadata_is_attached_to_requests_with_a_fault()
    {
        Make($"filter_metadata: {{ why: test }}, abort: {{ http_status: 503, {All} }}");
        _stream.Request(Routes.Request("/"));
        Assert.Equal("test"u8, _stream.Info.DynamicMetadata.Find("tested", ["why"]).Text);
    }

    [Fact]
    public void A_response_comes_at_the_rate_that_is_allowed()
    {
        Make($"response_rate_limit: {{ fixed_limit: {{ limit_kbps: 1000 }}, {All} }}");
        Assert.Equal(FilterStatus.Continue, _stream.Request(Routes.Request("/")));
        var body = new byte[100_000];
        new Random(1).NextBytes(body);
        _stream.ResponseData(body, endStream: true);
        Assert.Empty(_stream.ResponseBody);
        RunUntil(() => _stream.ResponseBody.Count > 0);
        Assert.InRange(_stream.ResponseBody.Count, 51_200, 99_999);
        Assert.False(_stream.ResponseEnded);
        RunUntil(() => _stream.ResponseEnded);
        Assert.Equal(body, _stream.ResponseBody);
        Assert.Equal(1, _factory.Stats.ResponseRateInjected.Value);
    }

    [Fact]
    public void Trailers_wait_for_a_body_that_is_slowed_down()
    {
        Make($"response_rate_limit: {{ fixed_limit: {{ limit_kbps: 1000 }}, {All} }}");
        _stream.Request(Routes.Request("/"));
        _stream.ResponseData(new byte[60_000]);
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.ResponseTrailers(new HeaderMap()));
        RunUntil(() => _stream.ResponseContinues == 1);
        Assert.Equal((60_000, false), (_stream.ResponseBody.Count, _stream.ResponseEnded));
    }

    [Fact]
    public void A_slow_response_pauses_its_source_beyond_the_buffer_limit()
    {
        Make($"response_rate_limit: {{ fixed_limit: {{ limit_kbps: 1 }}, {All} }}");
        _stream.Request(Routes.Request("/"));
        _stream.ResponseData(new byte[_stream.BufferLimitBytes]);
        Assert.Equal(0, _stream.ResponsePauses);
        _stream.ResponseData(new byte[1]);
        Assert.Equal(1, _stream.ResponsePauses);
    }

    [Theory]
    [InlineData("abort: { http_status: 600 }")]
    [InlineData("abort: {}")]
    [InlineData("delay: { fixed_delay: 0s }")]
    [InlineData("response_rate_limit: { fixed_limit: { limit_kbps: 0 } }")]
    public void Faults_that_make_no_sense_are_refused(string config)
    {
        Make("");
        Assert.NotEmpty(Filters.FaultsOfOne("fault.v3.HTTPFault", config));
    }

    private void Make(string config)
    {
        _factory = (FaultFilterFactory)Filters.One("fault.v3.HTTPFault", config, _context);
        _stream = new FakeStream(_factory, _time);
    }

    private void RunUntil(Func<bool> condition)
    {
        for (var ms = 0; !condition(); ms++)
        {
            Assert.True(ms < 30_000, "the condition did not come true");
            PassMs(1);
        }
    }

    private void PassMs(long ms)
    {
        _time.AdvanceMs(ms);
        _stream.Worker.Loop.RunTurn(0);
    }
}
