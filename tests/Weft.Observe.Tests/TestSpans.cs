using Weft.Observe.Traces;

namespace Weft.Observe.Tests;

/// <summary>Spans to test with.</summary>
internal static class TestSpans
{
    public static SpanRecord Span(string trace, string id, string service = "a", SpanKind kind = SpanKind.Server, string parent = "") => new()
    {
        TraceId = SpanIds.TraceId(trace),
        Id = SpanIds.SpanId(id, "id"),
        ParentId = SpanIds.ParentId(parent),
        Kind = kind,
        Name = "get",
        TimestampUs = 1_000_000,
        DurationUs = 500,
        Local = new SpanEndpoint(service, "", 0),
    };

    /// <summary>A front proxy that calls a, which calls b: both halves of each call share their span.</summary>
    public static string Chain(string trace = "463ac35c9f6413ad") => $$$"""
        [{"traceId":"{{{trace}}}","id":"463ac35c9f6413ad","kind":"CLIENT","name":"checkAvailability","timestamp":1700000000000000,"duration":9000,"localEndpoint":{"serviceName":"front","ipv4":"10.0.0.1","port":80},"tags":{"http.status_code":"200"}},
         {"traceId":"{{{trace}}}","id":"463ac35c9f6413ad","kind":"SERVER","name":"checkAvailability","timestamp":1700000000001000,"duration":7000,"localEndpoint":{"serviceName":"a"},"shared":true},
         {"traceId":"{{{trace}}}","id":"00000000000000b1","parentId":"463ac35c9f6413ad","kind":"CLIENT","name":"b","timestamp":1700000000002000,"duration":3000,"localEndpoint":{"serviceName":"a"}},
         {"traceId":"{{{trace}}}","id":"00000000000000b1","parentId":"463ac35c9f6413ad","kind":"SERVER","name":"b","timestamp":1700000000003000,"duration":1000,"localEndpoint":{"serviceName":"b"},"shared":true,"tags":{"error":"true"},"annotations":[{"timestamp":1700000000003500,"value":"half"}]}]
        """;
}
