using System.Collections.Frozen;
using Weft.Observe.Logs;
using Weft.Observe.Serving;

namespace Weft.Observe.Api;

/// <summary>Finds who answers a request. All ports serve all of it. Loop thread.</summary>
internal sealed class ObserveHandler : IHttpHandler
{
    /// <summary>Where Zipkin's page is, and asks below.</summary>
    private const string ZipkinPage = "/zipkin";

    private readonly Observer _observer;
    private readonly FrozenDictionary<(string Method, string Path), Func<HttpCall, HttpAnswer>> _paths;
    private readonly ZipkinApi _zipkin;
    private readonly JaegerApi _jaeger;
    private readonly Collectors _collectors;
    private readonly PageFiles _page = PageFiles.Embedded;

    public ObserveHandler(Observer observer)
    {
        _observer = observer;
        (_zipkin, _jaeger) = (new ZipkinApi(observer), new JaegerApi(observer));
        _collectors = new Collectors(observer);
        var (page, proxies, configs) = (new PageApi(observer), new ProxyApi(observer), new ConfigApi(observer));
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
            [("GET", "/api/v2/autocompleteKeys")] = _zipkin.TagKeys,
            [("GET", "/api/v2/autocompleteValues")] = _zipkin.TagValues,
            [("GET", "/api/services")] = _jaeger.Services,
            [("GET", "/api/operations")] = _jaeger.Operations,
            [("GET", "/api/traces")] = _jaeger.Traces,
            [("GET", "/api/dependencies")] = _jaeger.Dependencies,
            [("GET", "/config.json")] = _zipkin.PageConfig,
            [("GET", "/health")] = static _ => JsonAnswer.Of(static json => { json.WriteStartObject(); json.WriteString("status", "UP"); json.WriteEndObject(); }),
            [("GET", "/metrics")] = new MetricsPage(observer).Answer,
            [("GET", "/api/observe/status")] = page.Status,
            [("GET", "/api/observe/traffic")] = page.Traffic,
            [("GET", "/api/observe/traces")] = page.Traces,
            [("GET", "/api/observe/graph")] = page.Graph,
            [("GET", "/api/observe/logs")] = page.Logs,
            [("GET", "/api/observe/proxies")] = proxies.List,
            [("GET", "/api/observe/proxy")] = proxies.One,
            [("GET", "/api/observe/config")] = configs.Search,
            [("GET", "/api/observe/config/resource")] = configs.Resource,
        }.ToFrozenDictionary();
    }

    public HttpAnswer Answer(HttpCall call)
    {
        try
        {
            var method = call.Method == "HEAD" ? "GET" : call.Method;
            var path = call.Path.StartsWith(ZipkinPage + "/", StringComparison.Ordinal) ? call.Path[ZipkinPage.Length..] : call.Path;
            if (_paths.TryGetValue((method, path), out var answer))
                return answer(call);
            if (call.IsRead && (ByPrefix(path) ?? _page.Find(path)) is { } found)
                return found;
            return _paths.Keys.Any(key => key.Path == path) ? HttpAnswer.Empty(405) : HttpAnswer.Text(404, "not found");
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

    /// <summary>Paths with a name in them.</summary>
    private HttpAnswer? ByPrefix(string path)
    {
        const string zipkinTrace = "/api/v2/trace/", jaegerTrace = "/api/traces/", jaegerServices = "/api/services/", operations = "/operations";
        if (path.StartsWith(zipkinTrace, StringComparison.Ordinal))
            return _zipkin.Trace(path[zipkinTrace.Length..]);
        if (path.StartsWith(jaegerTrace, StringComparison.Ordinal))
            return _jaeger.Trace(path[jaegerTrace.Length..]);
        if (path.StartsWith(jaegerServices, StringComparison.Ordinal) && path.EndsWith(operations, StringComparison.Ordinal) && path.Length > jaegerServices.Length + operations.Length)
            return _jaeger.OperationNames(path[jaegerServices.Length..^operations.Length]);
        return null;
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
