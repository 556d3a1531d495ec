using Envoy.Config.Accesslog.V3;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.AccessLoggers.File.V3;
using Envoy.Extensions.AccessLoggers.Stream.V3;
using Envoy.Type.V3;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Formatting;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Formatting;
using RuntimeFilter = Weft.Proxy.AccessLogs.Filters.RuntimeFilter;
using Op = Envoy.Config.Accesslog.V3.ComparisonFilter.Types.Op;

namespace Weft.Proxy.Tests.AccessLogs;

public sealed class AccessLoggerTests : IDisposable
{
    private readonly ConfigContext _context = new();
    private readonly FinishedRequest _request = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-log-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_file_log_without_a_format_writes_the_default_line() =>
        Assert.StartsWith("[2018-04-03T23:06:09.123Z] \"GET /original?a=1 HTTP/1.1\" 200 ", Written(new FileAccessLog()), StringComparison.Ordinal);

    [Fact]
    public void Formats_may_stand_in_the_deprecated_fields()
    {
#pragma warning disable CS0612
        Assert.Equal("200\n", Written(new FileAccessLog { Format = "%RESPONSE_CODE%\n" }));
        Assert.Equal("{\"code\":200}\n", Written(new FileAccessLog { JsonFormat = Struct.Parser.ParseJson("""{"code":"%RESPONSE_CODE%"}""") }));
        Assert.Equal("{\"code\":200}\n", Written(new FileAccessLog { TypedJsonFormat = Struct.Parser.ParseJson("""{"code":"%RESPONSE_CODE%"}""") }));
        Assert.StartsWith("[2018", Written(new FileAccessLog { Format = "" }), StringComparison.Ordinal);
#pragma warning restore CS0612
    }

    [Fact]
    public void A_text_format_without_a_line_end_gets_none() => Assert.Equal("200", Written(Log("%RESPONSE_CODE%")));

    [Fact]
    public void Stdout_and_stderr_are_sinks_and_others_are_refused()
    {
        using var files = new AccessLogFiles(new StatsStore().Scope(""));
        var configs = new RepeatedField<AccessLog>
        {
            new AccessLog { Name = "envoy.access_loggers.stdout", TypedConfig = Any.Pack(new StdoutAccessLog()) },
            new AccessLog { Name = "envoy.access_loggers.stderr", TypedConfig = Any.Pack(new StderrAccessLog { LogFormat = new() { TextFormatSource = new() { InlineString = "x" } } }) },
        };
        Assert.Equal(2, AccessLogger.Create(configs, _context, files).Length);
        Assert.False(_context.Findings.HasErrors);
        var others = new RepeatedField<AccessLog>
        {
            new AccessLog { Name = "envoy.access_loggers.http_grpc", TypedConfig = Any.Pack(new Envoy.Extensions.AccessLoggers.Grpc.V3.HttpGrpcAccessLogConfig()) },
            new AccessLog { Name = "envoy.access_loggers.file" },
            new AccessLog { Name = "envoy.access_loggers.file", TypedConfig = Any.Pack(new FileAccessLog { Path = "/no/such/directory/log" }) },
        };
        Assert.Empty(AccessLogger.Create(others, _context, files));
        Assert.Equal(3, _context.Findings.Errors.Count());
    }

    [Theory]
    [InlineData(Op.Ge, 200u, true)]
    [InlineData(Op.Ge, 201u, false)]
    [InlineData(Op.Eq, 200u, true)]
    [InlineData(Op.Eq, 503u, false)]
    [InlineData(Op.Le, 200u, true)]
    [InlineData(Op.Le, 199u, false)]
    public void Status_codes_are_compared(Op op, uint value, bool passes) =>
        Assert.Equal(passes, Passes(new AccessLogFilter { StatusCodeFilter = new() { Comparison = Compare(op, value) } }));

    [Fact]
    public void Durations_are_compared_in_milliseconds()
    {
        Assert.True(Passes(new AccessLogFilter { DurationFilter = new() { Comparison = Compare(Op.Ge, 25) } }));
        Assert.False(Passes(new AccessLogFilter { DurationFilter = new() { Comparison = Compare(Op.Ge, 26) } }));
    }

    [Fact]
    public void Health_checks_can_be_left_out()
    {
        var filter = new AccessLogFilter { NotHealthCheckFilter = new() };
        Assert.True(Passes(filter));
        _request.Info.IsHealthCheck = true;
        Assert.False(Passes(filter));
    }

    [Fact]
    public void Traceable_are_requests_whose_id_says_that_the_service_forced_it()
    {
        var filter = new AccessLogFilter { TraceableFilter = new() };
        Assert.False(Passes(filter));
        _request.Request.Set(KnownHeader.XRequestId, "0123abcd-0000-a000-8000-000000000001"u8);
        Assert.True(Passes(filter));
    }

    [Fact]
    public void Response_flags_pass_when_one_is_set_that_is_listed_or_any()
    {
        var listed = new AccessLogFilter { ResponseFlagFilter = new() { Flags = { "NR", "UF" } } };
        var any = new AccessLogFilter { ResponseFlagFilter = new() };
        Assert.False(Passes(listed));
        Assert.False(Passes(any));
        _request.Info.ResponseFlags = ResponseFlags.UpstreamOverflow;
        Assert.False(Passes(listed));
        Assert.True(Passes(any));
        _request.Info.ResponseFlags |= ResponseFlags.NoRouteFound;
        Assert.True(Passes(listed));
    }

    [Fact]
    public void An_unknown_response_flag_is_reported()
    {
        Passes(new AccessLogFilter { ResponseFlagFilter = new() { Flags = { "XX" } } });
        Assert.StartsWith("unknown response flag 'XX'; there are LH, UH,", Assert.Single(_context.Findings.Errors).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gRPC_status_passes_when_listed_or_when_not()
    {
        _request.Trailers.Add(new HeaderName("grpc-status"), "14"u8);
        Assert.True(Passes(new AccessLogFilter { GrpcStatusFilter = new() { Statuses = { GrpcStatusFilter.Types.Status.Unavailable } } }));
        Assert.False(Passes(new AccessLogFilter { GrpcStatusFilter = new() { Statuses = { GrpcStatusFilter.Types.Status.Unavailable }, Exclude = true } }));
        Assert.False(Passes(new AccessLogFilter { GrpcStatusFilter = new() { Statuses = { GrpcStatusFilter.Types.Status.Ok } } }));
    }

    [Fact]
    public void Headers_are_matched()
    {
        Assert.True(Passes(Header("user-agent", "curl/8.0")));
        Assert.False(Passes(Header("user-agent", "wget")));
    }

    [Fact]
    public void Filters_combine()
    {
        var yes = Header("user-agent", "curl/8.0");
        var no = Header("user-agent", "wget");
        Assert.True(Passes(new AccessLogFilter { AndFilter = new() { Filters = { yes, yes } } }));
        Assert.False(Passes(new AccessLogFilter { AndFilter = new() { Filters = { yes, no } } }));
        Assert.True(Passes(new AccessLogFilter { OrFilter = new() { Filters = { no, yes } } }));
        Assert.False(Passes(new AccessLogFilter { OrFilter = new() { Filters = { no, no } } }));
    }

    [Theory]
    [InlineData(0u, false)]
    [InlineData(100u, true)]
    public void A_share_of_requests_passes(uint percent, bool passes) =>
        Assert.Equal(passes, Passes(new AccessLogFilter { RuntimeFilter = new() { RuntimeKey = "log.share", PercentSampled = new FractionalPercent { Numerator = percent } } }));

    [Theory]
    [InlineData("00000095-0000-4000-8000-000000000001", true)]
    [InlineData("00000096-0000-4000-8000-000000000001", false)]
    public void The_share_is_drawn_by_the_id_that_all_proxies_on_the_way_see(string id, bool passes)
    {
        // 0x95 is 149, 0x96 is 150.
        _request.Request.Set(KnownHeader.XRequestId, System.Text.Encoding.ASCII.GetBytes(id));
        for (_request.Info.RandomValue = 1; _request.Info.RandomValue < 200; _request.Info.RandomValue += 99)
            Assert.Equal(passes, Passes(new AccessLogFilter { RuntimeFilter = new() { RuntimeKey = "log.share", PercentSampled = new FractionalPercent { Numerator = 50 } } }));
    }

    /// <summary>The first eight digits of the request's id are 0x0123abcd, of which 4,957 are beyond the last ten thousand.</summary>
    [Theory]
    [InlineData(4957, false)]
    [InlineData(4958, true)]
    public void An_integer_in_the_runtime_counts_in_the_shares_own_unit(int value, bool passes)
    {
        var layers = LayeredRuntime.Parser.ParseJson($$"""{ "layers": [ { "name": "s", "static_layer": { "log.share": {{value}} } } ] }""");
        using var runtime = new RuntimeLayers(layers, _context, new StatsStore().Scope(""));
        var share = new RuntimeFilter(new RuntimeFraction("log.share", 0, 10_000), false, runtime);
        Assert.Equal(passes, share.Passes(_request.Context));
    }

    [Theory]
    [InlineData("yes", true)]
    [InlineData("no", false)]
    public void Metadata_is_matched(string wanted, bool passes)
    {
        _request.Info.DynamicMetadata.Set("my.filter", "answer", "yes"u8);
        var matcher = new Envoy.Type.Matcher.V3.MetadataMatcher { Filter = "my.filter", Path = { new Envoy.Type.Matcher.V3.MetadataMatcher.Types.PathSegment { Key = "answer" } }, Value = new() { StringMatch = new() { Exact = wanted } } };
        Assert.Equal(passes, Passes(new AccessLogFilter { MetadataFilter = new() { Matcher = matcher } }));
    }

    [Fact]
    public void Without_dynamic_metadata_the_default_decides()
    {
        Assert.True(Passes(new AccessLogFilter { MetadataFilter = new() }));
        Assert.False(Passes(new AccessLogFilter { MetadataFilter = new() { MatchIfKeyNotFound = false } }));
    }

    [Fact]
    public void Log_types_pass_when_listed()
    {
        Assert.True(Passes(new AccessLogFilter { LogTypeFilter = new() { Types_ = { Envoy.Data.Accesslog.V3.AccessLogType.DownstreamEnd } } }));
        Assert.False(Passes(new AccessLogFilter { LogTypeFilter = new() { Types_ = { Envoy.Data.Accesslog.V3.AccessLogType.TcpConnectionEnd } } }));
    }

    [Theory]
    [InlineData("response.code >= 400 || request.url_path.startsWith('/re')", true)]
    [InlineData("response.code >= 400", false)]
    [InlineData("request.headers['x-none'] == 'x'", false)]
    public void An_expression_decides(string expression, bool passes) => Assert.Equal(passes, Passes(Expression(expression)));

    [Fact]
    public void An_expression_that_is_none_is_reported()
    {
        Passes(Expression("response.code >="));
        Assert.StartsWith("Not able to parse expression: response.code >=: Syntax error", Assert.Single(_context.Findings.Errors).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Logging_allocates_nothing_per_request()
    {
        using var files = new AccessLogFiles(new StatsStore().Scope(""), flushIntervalMs: 1);
        var logger = Create(files, new FileAccessLog(), new AccessLogFilter { AndFilter = new() { Filters = { Header("user-agent", "curl/8.0"), new AccessLogFilter { StatusCodeFilter = new() { Comparison = Compare(Op.Ge, 200) } } } } });
        // All of it fits into a thread's first chunk.
        for (var i = 0; i < 30; i++)
            logger.Log(_request.Context);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++)
            logger.Log(_request.Context);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static AccessLogFilter Header(string name, string value) =>
        new() { HeaderFilter = new() { Header = new() { Name = name, StringMatch = new() { Exact = value } } } };

    private static ComparisonFilter Compare(Op op, uint value) => new() { Op = op, Value = new RuntimeUInt32 { DefaultValue = value, RuntimeKey = "k" } };

    private static FileAccessLog Log(string text) => new() { LogFormat = new SubstitutionFormatString { TextFormatSource = new() { InlineString = text } } };

    private static AccessLogFilter Expression(string expression) => new()
    {
        ExtensionFilter = new() { Name = "cel", TypedConfig = Any.Pack(new Envoy.Extensions.AccessLoggers.Filters.Cel.V3.ExpressionFilter { Expression = expression }) },
    };

    private bool Passes(AccessLogFilter filter) => Written(Log("x"), filter).Length > 0;

    private string Written(FileAccessLog config, AccessLogFilter? filter = null)
    {
        var path = Path.Combine(_directory.FullName, Guid.NewGuid().ToString());
        config.Path = path;
        using (var files = new AccessLogFiles(new StatsStore().Scope(""), flushIntervalMs: 1))
            Create(files, config, filter).Log(_request.Context);
        return File.ReadAllText(path);
    }

    private AccessLogger Create(AccessLogFiles files, FileAccessLog config, AccessLogFilter? filter)
    {
        if (config.Path.Length == 0)
            config.Path = Path.Combine(_directory.FullName, "access.log");
        var log = new AccessLog { Name = "envoy.file_access_log", TypedConfig = Any.Pack(config) };
        if (filter is not null)
            log.Filter = filter;
        return Assert.Single(AccessLogger.Create(new RepeatedField<AccessLog> { log }, _context, files));
    }
}
