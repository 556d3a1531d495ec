using System.Collections.Frozen;
using Weft.Observe.Logs;
using Weft.Observe.Serving;

namespace Weft.Observe.Api;

/// <summary>Finds who answers a request. All ports serve all of it. Loop thread.</summary>
internal sealed class ObserveHandler : IHttpHandler
{
    private readonly Observer _observer;
    private readonly FrozenDictionary<(string Method, string Path), Func<HttpCall, HttpAnswer>> _paths;
    private readonly ZipkinApi _zipkin;
    private readonly Collectors _collectors;
    private readonly PageFiles _page = PageFiles.Embedded;

    public ObserveHandler(Observer observer)
    {
        _observer = observer;
        _zipkin = new ZipkinApi(observer);
        _collectors = new Collectors(observer);
        var page = new PageApi(observer);
        _paths = new Dictionary<(string, string), Func<HttpCall, HttpAnswer>>
        {
            [("POST", "/api/v2/spans")] = _collectors.ZipkinV2,
            [("POST", "/api/v1/spans")] = _collectors.ZipkinV1,
            [("POST", "/v1/traces")] = _collectors.Otlp,
            [("POST", "/v1/logs")] = _collectors.OtlpLogs,
            [("POST", "/v1/metrics")] = _collectors.OtlpMetrics,
            [("GET", "/api/v2/services")] = _zipkin.Services,
            [("GET", "/api/v2/spans")] = _zipkin.SpanNames,
            [("GET", "/api/v2/remoteServices")] = _zipkin.RemoteServices,
            [("GET", "/api/v2/traces")] = _zipkin.Traces,
            [("GET", "/api/v2/traceMany")] = _zipkin.TraceMany,
            [("GET", "/api/v2/dependencies")] = _zipkin.Dependencies,
            [("GET", "/api/v2/autocompleteKeys")] = static _ => JsonAnswer.Of([]),
            [("GET", "/api/v2/autocompleteValues")] = static _ => JsonAnswer.Of([]),
            [("GET", "/health")] = static _ => JsonAnswer.Of(static json => { json.WriteStartObject(); json.WriteString("status", "UP"); json.WriteEndObject(); }),
            [("GET", "/metrics")] = new MetricsPage(observer).Answer,
            [("GET", "/api/observe/status")] = page.Status,
            [("GET", "/api/observe/traffic")] = page.Traffic,
            [("GET", "/api/observe/traces")] = page.Traces,
            [("GET", "/api/observe/graph")] = page.Graph,
            [("GET", "/api/observe/logs")] = page.Logs,
        }.ToFrozenDictionary();
    }

    public HttpAnswer Answer(HttpCall call)
    {
        try
        {
            var method = call.Method == "HEAD" ? "GET" : call.Method;
            if (_paths.TryGetValue((method, call.Path), out var answer))
                return answer(call);
            const string trace = "/api/v2/trace/";
            if (call.IsRead && call.Path.StartsWith(trace, StringComparison.Ordinal))
                return _zipkin.Trace(call.Path[trace.Length..]);
            if (call.IsRead && _page.Find(call.Path) is { } file)
                return file;
            return _paths.Keys.Any(key => key.Path == call.Path) ? HttpAnswer.Empty(405) : HttpAnswer.Text(404, "not found");
        }
        catch (BadInputException e)
        {
            _observer.Malformed++;
            return HttpAnswer.Text(400, e.Message);
        }
        catch (FormatException e)
        {
            return HttpAnswer.Text(400, e.Message);
        }
    }

    public GrpcCall? Begin(string path) => path switch
    {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => new ExportCall(_observer, _collectors.TakeSpans),
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => new ExportCall(_observer, _collectors.TakeLogs),
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => new ExportCall(_observer, _collectors.TakeMetrics),
        "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs" => new AccessLogCall(_observer),
        _ => null,
    };
}
