using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Weft.Observe.Serving;
using Weft.Observe.Tests.Traces.Otlp;
using static Weft.Observe.Tests.RunningObserver;

namespace Weft.Observe.Tests.Api;

/// <summary>The whole of it over real sockets.</summary>
public sealed class ObserverTests
{
    private const string TraceId = "463ac35c9f6413ad";

    [Fact]
    public async Task Spans_that_are_posted_are_found_by_Zipkins_queries()
    {
        using var observer = new RunningObserver();
        Assert.Equal(HttpStatusCode.Accepted, await observer.Post("/api/v2/spans", TestSpans.Chain()));
        Assert.Equal(["a", "b", "front"], Texts(await observer.Get("/api/v2/services")));
        Assert.Equal(["b", "checkAvailability"], Texts(await observer.Get("/api/v2/spans?serviceName=a")));
        Assert.Equal(4, (await observer.Get("/api/v2/trace/" + TraceId)).GetArrayLength());
        Assert.Equal(4, (await observer.Get("/api/v2/traces?serviceName=b&limit=5"))[0].GetArrayLength());
        Assert.Equal(0, (await observer.Get("/api/v2/traces?serviceName=c")).GetArrayLength());
        Assert.Equal(1, (await observer.Get($"/api/v2/traceMany?traceIds={TraceId},1")).GetArrayLength());
        var links = (await observer.Get("/api/v2/dependencies?endTs=1700000001000&lookback=86400000")).EnumerateArray().ToList();
        Assert.Equal([("a", "b", 1), ("front", "a", 1)], links.Select(link => (link.GetProperty("parent").GetString(), link.GetProperty("child").GetString(), link.GetProperty("callCount").GetInt32())));
        Assert.Equal(HttpStatusCode.NotFound, (await observer.Http.GetAsync("/api/v2/trace/123")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await observer.Http.GetAsync("/api/v2/dependencies")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await observer.Http.GetAsync("/api/v2/traces?limit=many")).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await observer.Http.DeleteAsync("/api/v2/spans")).StatusCode);
    }

    [Fact]
    public async Task The_page_gets_summaries_and_the_graph()
    {
        using var observer = new RunningObserver();
        await observer.Post("/api/v2/spans", TestSpans.Chain());
        var trace = (await observer.Get("/api/observe/traces"))[0];
        Assert.Equal(("front", "checkAvailability", 4, true), (trace.GetProperty("service").GetString(), trace.GetProperty("name").GetString(), trace.GetProperty("spans").GetInt32(), trace.GetProperty("error").GetBoolean()));
        var graph = await observer.Get("/api/observe/graph");
        Assert.Equal(3, graph.GetProperty("nodes").GetArrayLength());
        Assert.Equal(2, graph.GetProperty("links").GetArrayLength());
        Assert.Equal(0, (await observer.Get("/api/observe/traces?q=http.status_code>=500")).GetArrayLength());
        Assert.Equal(1, (await observer.Get("/api/observe/traces?q=http.status_code<500 and error&minTrace=8000&maxTrace=9000&serviceName=&with=b")).GetArrayLength());
    }

    [Fact]
    public async Task OpenTelemetry_by_HTTP_and_by_gRPC_arrives()
    {
        using var observer = new RunningObserver();
        var message = OtlpReaderTests.Request().ToByteArray();
        Assert.Equal(HttpStatusCode.OK, await observer.Post("/v1/traces", message, "application/x-protobuf"));
        var (status, answer) = await Call(observer, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", Frame(OtlpReaderTests.Request().ToByteArray()));
        Assert.Equal(("0", 5), (status, answer.Length));
        Assert.Equal(1, (await observer.Get("/api/v2/trace/5b8efff798038103d269b633813fc60c")).GetArrayLength());
        Assert.Equal("3", (await Call(observer, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", Frame([1, 2, 3]))).Status);
        Assert.Equal("8", (await Call(observer, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", [0, 0xff, 0, 0, 0])).Status);
        Assert.Equal("12", (await Call(observer, "/no.Such/Method", [])).Status);
    }

    [Fact]
    public async Task Messages_of_gRPC_may_be_compressed_within_the_limit()
    {
        const string path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        using var observer = new RunningObserver(options => options with { Serving = new ServingLimits { MaxBodyBytes = 64 * 1024 } });
        Assert.Equal("0", (await Call(observer, path, Frame(Gzip(OtlpReaderTests.Request().ToByteArray()), isCompressed: true), "gzip")).Status);
        Assert.Equal(1, (await observer.Get("/api/v2/trace/5b8efff798038103d269b633813fc60c")).GetArrayLength());
        Assert.Equal("8", (await Call(observer, path, Frame(Gzip(new byte[1_000_000]), isCompressed: true), "gzip")).Status);
        Assert.Equal("3", (await Call(observer, path, Frame([1, 2, 3], isCompressed: true), "gzip")).Status);
        Assert.Equal("12", (await Call(observer, path, Frame([1, 2, 3], isCompressed: true), "snappy")).Status);
        // Says that it may compress, and does not.
        Assert.Equal("0", (await Call(observer, path, Frame(OtlpReaderTests.Request().ToByteArray()), "gzip")).Status);
    }

    [Fact]
    public async Task Logs_of_OpenTelemetry_come_as_JSON_as_well()
    {
        using var observer = new RunningObserver();
        const string json = """{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","traceId":"5b8efff798038103d269b633813fc60c","severityNumber":9,"body":{"stringValue":"hello"}}]}]}]}""";
        Assert.Equal(HttpStatusCode.OK, await observer.Post("/v1/logs", json));
        var line = (await observer.Get("/api/observe/logs"))[0];
        Assert.Equal(("web", "hello"), (line.GetProperty("source").GetString(), line.GetProperty("text").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, await observer.Post("/v1/logs", "[1"));
    }

    [Fact]
    public async Task What_Zipkins_own_page_and_Grafana_ask_for_is_there()
    {
        using var observer = new RunningObserver();
        await observer.Post("/api/v2/spans", TestSpans.Chain());
        Assert.True((await observer.Get("/zipkin/config.json")).GetProperty("searchEnabled").GetBoolean());
        Assert.Equal(["a", "b", "front"], Texts(await observer.Get("/zipkin/api/v2/services")));
        Assert.Equal(4, (await observer.Get("/zipkin/api/v2/trace/" + TraceId)).GetArrayLength());
        Assert.Equal(["error", "http.status_code"], Texts(await observer.Get("/api/v2/autocompleteKeys")));
        Assert.Equal(["200"], Texts(await observer.Get("/api/v2/autocompleteValues?key=http.status_code")));
        Assert.Equal(HttpStatusCode.BadRequest, (await observer.Http.GetAsync("/api/v2/autocompleteValues")).StatusCode);
        Assert.Empty(Texts(await observer.Get("/api/v2/remoteServices?serviceName=a")));
    }

    [Fact]
    public async Task What_is_looked_back_at_counts_from_now_when_no_end_is_given()
    {
        using var observer = new RunningObserver();
        var nowUs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;
        await observer.Post("/api/v2/spans", $$"""[{"traceId":"1","id":"1","timestamp":{{nowUs - 1_000_000}},"duration":5},{"traceId":"2","id":"2","timestamp":{{nowUs - 7_200_000_000}},"duration":5}]""");
        Assert.Equal(1, (await observer.Get("/api/v2/traces?lookback=3600000")).GetArrayLength());
        Assert.Equal(2, (await observer.Get("/api/v2/traces")).GetArrayLength());
        Assert.Equal(2, (await observer.Get("/api/v2/traces?endTs=9223372036854775807&lookback=9223372036854775807")).GetArrayLength());
    }

    [Fact]
    public async Task Access_logs_by_gRPC_become_lines_and_rows_of_the_table()
    {
        using var observer = new RunningObserver();
        var entries = new Envoy.Service.Accesslog.V3.StreamAccessLogsMessage
        {
            Identifier = new() { Node = new() { Id = "front" }, LogName = "http" },
            HttpLogs = new()
            {
                LogEntry =
                {
                    new Envoy.Data.Accesslog.V3.HTTPAccessLogEntry
                    {
                        CommonProperties = new() { RouteName = "cart", UpstreamCluster = "a", Duration = new() { Nanos = 5_000_000 }, ResponseFlags = new() { UpstreamRequestTimeout = true } },
                        Request = new() { Path = "/cart", Authority = "shop" },
                        Response = new() { ResponseCode = 504 },
                    },
                },
            },
        };
        Assert.Equal("0", (await Call(observer, "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs", Frame(entries.ToByteArray()))).Status);
        var line = (await observer.Get("/api/observe/logs?q=cart"))[0];
        Assert.Equal("front/http", line.GetProperty("source").GetString());
        using var text = JsonDocument.Parse(line.GetProperty("text").GetString()!);
        Assert.Equal(("UT", 504, "/cart"), (text.RootElement.GetProperty("response_flags").GetString(), text.RootElement.GetProperty("response_code").GetInt32(), text.RootElement.GetProperty("path").GetString()));
        var rows = (await observer.Get("/api/observe/traffic")).EnumerateArray().Select(row => $"{row.GetProperty("kind").GetString()} {row.GetProperty("name").GetString()}");
        Assert.Equal(["route cart", "cluster a"], rows);
    }

    [Fact]
    public async Task Statsd_by_UDP_and_by_TCP_is_shown_to_Prometheus()
    {
        using var observer = new RunningObserver();
        var to = new IPEndPoint(observer.Observer.StatsdAddress.ToIPAddress(), observer.Observer.StatsdAddress.Port);
        using (var udp = new UdpClient())
            await udp.SendAsync("udp.count:1|c\nudp.gauge:5|g"u8.ToArray(), to);
        using (var tcp = new TcpClient())
        {
            await tcp.ConnectAsync(to);
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes("tcp.count:2|c\r\n" + new string('x', 100_000) + "\ntcp.la"));
            await tcp.GetStream().WriteAsync("st:3|c"u8.ToArray());
        }

        var text = "";
        await Until(async () => (text = await observer.Http.GetStringAsync("/metrics")).Contains("tcp_last 3\n", StringComparison.Ordinal) && text.Contains("udp_gauge 5\n", StringComparison.Ordinal));
        Assert.Contains("\ntcp_count 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\nudp_count 1\n", text, StringComparison.Ordinal);
        Assert.Contains("weft_observe_statsd_malformed_total 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_kept_on_disk_is_there_again_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("weft-data-").FullName;
        try
        {
            using (var first = new RunningObserver(options => options with { DataDirectory = folder }))
            {
                await first.Post("/api/v2/spans", TestSpans.Chain());
                Assert.Equal("0", (await Call(first, "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs", Frame(new Envoy.Service.Accesslog.V3.StreamAccessLogsMessage { TcpLogs = new() { LogEntry = { new Envoy.Data.Accesslog.V3.TCPAccessLogEntry() } } }.ToByteArray()))).Status);
            }

            File.AppendAllText(Directory.GetFiles(folder, "spans-*").Single(), "{\"traceId\":\"torn");
            using var second = new RunningObserver(options => options with { DataDirectory = folder });
            Assert.Equal(4, (await second.Get("/api/v2/trace/" + TraceId)).GetArrayLength());
            Assert.Equal(1, (await second.Get("/api/observe/logs")).GetArrayLength());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string Status, byte[] Answer)> Call(RunningObserver observer, string path, byte[] body, string? encoding = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{observer.Observer.GrpcAddress}{path}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new("application/grpc");
        if (encoding is not null)
            request.Headers.Add("grpc-encoding", encoding);
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsByteArrayAsync();
        return ((response.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer : response.Headers.GetValues("grpc-status")).Single(), answer);
    }

    private static byte[] Frame(byte[] message, bool isCompressed = false) => [(byte)(isCompressed ? 1 : 0), 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. message];

    private static IEnumerable<string?> Texts(JsonElement list) => list.EnumerateArray().Select(item => item.GetString());
}
