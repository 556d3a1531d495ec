using System.Globalization;
using Opentelemetry.Proto.Collector.Trace.V1;
using Opentelemetry.Proto.Common.V1;
using Opentelemetry.Proto.Trace.V1;

namespace Weft.Observe.Traces.Otlp;

/// <summary>OpenTelemetry's spans in Zipkin's model, as OpenTelemetry's own exporter for Zipkin maps them.</summary>
internal static class OtlpReader
{
    private const long NanosPerMicro = 1000;

    /// <exception cref="BadInputException">It is no export of traces; nothing of it is taken.</exception>
    public static IReadOnlyList<SpanRecord> Read(ReadOnlySpan<byte> message)
    {
        var request = ProtobufBody.Parse(ExportTraceServiceRequest.Parser, message);
        var spans = new List<SpanRecord>();
        foreach (var resource in request.ResourceSpans)
        {
            var attributes = resource.Resource?.Attributes.Select(Pair).ToList() ?? [];
            foreach (var scope in resource.ScopeSpans)
                spans.AddRange(scope.Spans.Select(span => Map(span, attributes)));
        }

        return spans;
    }

    private static SpanRecord Map(Span span, List<KeyValuePair<string, string>> resource)
    {
        var raw = new OtlpSpan
        {
            TraceId = SpanIds.TraceId(span.TraceId.Span),
            Id = SpanIds.SpanId(span.SpanId.Span, "spanId"),
            ParentId = SpanIds.ParentId(Convert.ToHexStringLower(span.ParentSpanId.Span)),
            Name = span.Name,
            Kind = (int)span.Kind,
            StartUs = (long)(span.StartTimeUnixNano / NanosPerMicro),
            EndUs = (long)(span.EndTimeUnixNano / NanosPerMicro),
            Status = (int)(span.Status?.Code ?? 0),
            StatusText = span.Status?.Message ?? "",
            Attributes = [.. span.Attributes.Select(Pair)],
            Events = [.. span.Events.Select(static happened => new SpanAnnotation((long)(happened.TimeUnixNano / NanosPerMicro), happened.Name))],
        };
        return raw.ToRecord(resource);
    }

    internal static KeyValuePair<string, string> Pair(KeyValue attribute) => new(attribute.Key, Text(attribute.Value));

    internal static string Text(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.BytesValue => value.BytesValue.ToBase64(),
        AnyValue.ValueOneofCase.ArrayValue => "[" + string.Join(',', value.ArrayValue.Values.Select(Text)) + "]",
        AnyValue.ValueOneofCase.KvlistValue => "{" + string.Join(',', value.KvlistValue.Values.Select(static pair => $"{pair.Key}={Text(pair.Value)}")) + "}",
        _ => "",
    };
}
