using System.Text.Json;
using Weft.Observe.Serving;
using Weft.Observe.Traces;

namespace Weft.Observe.Api;

/// <summary>The queries of the page. Loop thread.</summary>
internal sealed class PageApi(Observer observer)
{
    private const int MicrosPerMilli = 1000;
    private const int DefaultLogLines = 200;
    private const int MaxLogLines = 2000;

    public HttpAnswer Status(HttpCall call) => JsonAnswer.Of(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("nowMs", observer.NowMs);
        json.WriteNumber("traces", observer.Traces.TraceCount);
        json.WriteNumber("spans", observer.Traces.SpanCount);
        json.WriteNumber("spansReceived", observer.Traces.Received);
        json.WriteNumber("spansDropped", observer.Traces.Dropped + observer.Traces.Evicted);
        json.WriteNumber("logLines", observer.Logs.Received);
        json.WriteNumber("series", observer.Metrics.SeriesCount);
        json.WriteNumber("datagramsLost", observer.LostDatagrams);
        json.WriteNumber("malformed", observer.Malformed + observer.Metrics.Malformed);
        json.WriteStartArray("proxies");
        foreach (var proxy in observer.Proxies.All)
        {
            json.WriteStartObject();
            json.WriteString("address", proxy.Address);
            json.WriteString("name", ProxyApi.DisplayName(proxy));
            json.WriteString("error", proxy.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public HttpAnswer Traffic(HttpCall call) => JsonAnswer.Of(json =>
    {
        json.WriteStartArray();
        foreach (var row in observer.Traffic.Rows.OrderBy(static row => row.Key.Kind).ThenBy(static row => row.Key.Proxy, StringComparer.Ordinal).ThenBy(static row => row.Key.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("proxy", row.Key.Proxy);
            json.WriteString("kind", row.Key.Kind.ToString().ToLowerInvariant());
            json.WriteString("name", row.Key.Name);
            json.WriteNumber("total", row.Total);
            json.WriteNumberOrNull("perSecond", row.PerSecond);
            json.WriteNumberOrNull("errorsPerSecond", row.ErrorsPerSecond);
            json.WriteNumberOrNull("active", row.Active);
            WriteQuantiles(json, row.LatenciesMs, 1);
            json.WriteStartArray("rates");
            foreach (var rate in row.Rates)
                json.WriteNumberValue(Math.Round(rate, 1));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public HttpAnswer Traces(HttpCall call)
    {
        var query = QueryOf(call) with { IsByDuration = call.Query("sort") == "duration" };
        return JsonAnswer.Of(json =>
        {
            json.WriteStartArray();
            foreach (var trace in query.Run(observer.Traces))
                WriteSummary(json, trace);
            json.WriteEndArray();
        });
    }

    public HttpAnswer Graph(HttpCall call)
    {
        var window = GraphWindow.Of(QueryOf(call), observer.Traces, observer.NowMs * MicrosPerMilli);
        return JsonAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("seconds", window.Seconds);
            json.WriteNumber("traces", window.Traces);
            json.WriteBoolean("partial", window.IsPartial);
            json.WriteStartArray("nodes");
            foreach (var node in window.Graph.Nodes)
            {
                json.WriteStartObject();
                json.WriteString("name", node.Name);
                json.WriteNumber("requests", node.Requests);
                json.WriteNumber("errors", node.Errors);
                WriteQuantiles(json, node.DurationsUs, MicrosPerMilli);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("links");
            foreach (var link in window.Graph.Links)
            {
                json.WriteStartObject();
                json.WriteString("parent", link.Parent);
                json.WriteString("child", link.Child);
                json.WriteNumber("calls", link.Calls);
                json.WriteNumber("errors", link.Errors);
                WriteQuantiles(json, link.DurationsUs, MicrosPerMilli);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public HttpAnswer Logs(HttpCall call)
    {
        var limit = (int)Math.Clamp(call.Number("limit") ?? DefaultLogLines, 1, MaxLogLines);
        var lines = observer.Logs.Find(call.Query("q"), call.Number("after") ?? 0, limit);
        return JsonAnswer.Of(json =>
        {
            json.WriteStartArray();
            foreach (var line in lines)
            {
                json.WriteStartObject();
                json.WriteNumber("number", line.Number);
                json.WriteString("source", line.Source);
                json.WriteNumber("receivedMs", line.ReceivedMs);
                json.WriteString("text", line.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>As Zipkin's API asks, and with what only the page knows: <c>with</c>, <c>q</c>, <c>errors</c>, durations of whole traces in microseconds.</summary>
    private TraceQuery QueryOf(HttpCall call) => ZipkinApi.QueryOf(call, observer.NowMs) with
    {
        With = call.Query("with")?.ToLowerInvariant(),
        Tags = TagCondition.All(call.Query("q"), TagCondition.Parse),
        ErrorsOnly = call.Query("errors") == "true",
        MinTraceUs = call.Number("minTrace"),
        MaxTraceUs = call.Number("maxTrace"),
    };

    private static void WriteSummary(Utf8JsonWriter json, TraceEntry trace)
    {
        var root = trace.Root;
        json.WriteStartObject();
        json.WriteString("traceId", trace.Id);
        json.WriteString("service", root.Service);
        json.WriteString("name", root.Name);
        json.WriteNumber("startUs", trace.StartUs);
        json.WriteNumber("durationUs", trace.DurationUs);
        json.WriteNumber("spans", trace.Spans.Count);
        json.WriteBoolean("error", trace.HasError);
        json.WriteString("status", root.Tag("http.status_code") ?? root.Tag("http.response.status_code") ?? "");
        json.WriteStartArray("services");
        foreach (var service in trace.Services)
            json.WriteStringValue(service);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteQuantiles(Utf8JsonWriter json, LogHistogram histogram, double divisor)
    {
        json.WriteNumberOrNull("p50", histogram.Quantile(0.50) / divisor);
        json.WriteNumberOrNull("p90", histogram.Quantile(0.90) / divisor);
        json.WriteNumberOrNull("p99", histogram.Quantile(0.99) / divisor);
    }
}
