using Opentelemetry.Proto.Collector.Logs.V1;
using Opentelemetry.Proto.Common.V1;
using Weft.Observe.Traces.Otlp;

namespace Weft.Observe.Logs;

/// <summary>Log records of OpenTelemetry as lines: the body, else the attributes.</summary>
internal static class OtlpLogReader
{
    /// <exception cref="BadInputException">It is no export of logs; nothing of it is taken.</exception>
    public static IReadOnlyList<(string Source, string Text)> Read(ReadOnlySpan<byte> message) => Read(ProtobufBody.Parse(ExportLogsServiceRequest.Parser, message));

    /// <summary>The lines of an export, whichever way it came.</summary>
    public static IReadOnlyList<(string Source, string Text)> Read(ExportLogsServiceRequest request)
    {
        var lines = new List<(string, string)>();
        foreach (var resource in request.ResourceLogs)
        {
            var source = Name(resource.Resource?.Attributes ?? []);
            foreach (var scope in resource.ScopeLogs)
                lines.AddRange(scope.LogRecords.Select(record => (source, Text(record.Body, record.Attributes))));
        }

        return lines;
    }

    private static string Name(IReadOnlyList<KeyValue> attributes) =>
        attributes.FirstOrDefault(static attribute => attribute.Key is "service.name" or "node_name") is { } name ? OtlpReader.Text(name.Value) : "otlp";

    private static string Text(AnyValue? body, IEnumerable<KeyValue> attributes) =>
        OtlpReader.Text(body) is { Length: > 0 } text ? text : string.Join(' ', attributes.Select(static attribute => $"{attribute.Key}={OtlpReader.Text(attribute.Value)}"));
}
