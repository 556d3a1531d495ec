using Opentelemetry.Proto.Collector.Logs.V1;
using Opentelemetry.Proto.Collector.Metrics.V1;
using Weft.Observe.Logs;
using Weft.Observe.Serving;
using Weft.Observe.Statsd;
using Weft.Observe.Traces.Otlp;
using Weft.Observe.Traces.Zipkin;

namespace Weft.Observe.Api;

/// <summary>Takes spans, logs and metrics that are sent. A body is taken whole or not at all. Loop thread.</summary>
internal sealed class Collectors(Observer observer)
{
    public HttpAnswer ZipkinV2(HttpCall call)
    {
        observer.AddSpans(IsProtobuf(call) ? ZipkinProtoReader.Read(call.Body) : ZipkinJsonReader.Read(call.Body));
        return HttpAnswer.Empty(202);
    }

    public HttpAnswer ZipkinV1(HttpCall call)
    {
        observer.AddSpans(ZipkinV1Reader.Read(call.Body));
        return HttpAnswer.Empty(202);
    }

    public HttpAnswer Otlp(HttpCall call)
    {
        if (!IsProtobuf(call))
            observer.AddSpans(OtlpJsonReader.Read(call.Body));
        else
            TakeSpans(call.Body.Span);
        return Taken(call);
    }

    public HttpAnswer OtlpLogs(HttpCall call)
    {
        if (IsProtobuf(call))
            TakeLogs(call.Body.Span);
        else
            Take(OtlpLogReader.Read(ProtobufBody.ParseJson<ExportLogsServiceRequest>(call.Body.Span)));
        return Taken(call);
    }

    public HttpAnswer OtlpMetrics(HttpCall call)
    {
        if (IsProtobuf(call))
            TakeMetrics(call.Body.Span);
        else
            Take(ProtobufBody.ParseJson<ExportMetricsServiceRequest>(call.Body.Span));
        return Taken(call);
    }

    public void TakeSpans(ReadOnlySpan<byte> message) => observer.AddSpans(OtlpReader.Read(message));

    public void TakeLogs(ReadOnlySpan<byte> message) => Take(OtlpLogReader.Read(message));

    public void TakeMetrics(ReadOnlySpan<byte> message) => Take(ProtobufBody.Parse(ExportMetricsServiceRequest.Parser, message));

    private void Take(IReadOnlyList<(string Source, string Text)> lines)
    {
        foreach (var (source, text) in lines)
            observer.AddLog(source, text);
    }

    private void Take(ExportMetricsServiceRequest request)
    {
        var reader = new OtlpMetricReader();
        foreach (var point in reader.Read(request))
            observer.Metrics.Take(point);
        observer.Metrics.Skipped += reader.Skipped;
    }

    /// <summary>Everything was taken: an empty answer of the kind that was sent.</summary>
    private static HttpAnswer Taken(HttpCall call) => IsProtobuf(call) ? new HttpAnswer(200, "application/x-protobuf", default) : HttpAnswer.Json("{}"u8.ToArray());

    private static bool IsProtobuf(HttpCall call) => call.ContentType.StartsWith("application/x-protobuf", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Takes one export, whole.</summary>
/// <exception cref="BadInputException">It is none; nothing of it is taken.</exception>
internal delegate void ExportTaker(ReadOnlySpan<byte> message);

/// <summary>OTLP by gRPC.</summary>
internal sealed class ExportCall(Observer observer, ExportTaker take) : GrpcCall
{
    public override string? Take(ReadOnlySpan<byte> message)
    {
        try
        {
            take(message);
            return null;
        }
        catch (BadInputException e)
        {
            observer.Malformed++;
            return e.Message;
        }
    }
}
