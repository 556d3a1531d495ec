using System.Text;
using Google.Protobuf;
using Opentelemetry.Proto.Collector.Trace.V1;
using Opentelemetry.Proto.Common.V1;
using Opentelemetry.Proto.Resource.V1;
using Opentelemetry.Proto.Trace.V1;
using Weft.Observe.Traces;
using Weft.Observe.Traces.Otlp;

namespace Weft.Observe.Tests.Traces.Otlp;

public sealed class OtlpReaderTests
{
    [Fact]
    public void Protobuf_becomes_what_an_exporter_for_Zipkin_would_have_sent() => Check(OtlpReader.Read(Request().ToByteArray()).Single());

    [Fact]
    public void Json_has_hexadecimal_ids_and_numbers_in_quotes()
    {
        const string body = """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"A"}},{"key":"host.name","value":{"stringValue":"h"}}]},
              "scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","name":"get","kind":3,
                "startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000005000000","status":{"code":2,"message":"no"},
                "attributes":[{"key":"peer.service","value":{"stringValue":"b"}},{"key":"http.status_code","value":{"intValue":"500"}}],
                "events":[{"timeUnixNano":"1700000000001000000","name":"retry"}]}]}]}]}
            """;
        Check(OtlpJsonReader.Read(Encoding.UTF8.GetBytes(body)).Single());
    }

    [Fact]
    public void Broken_protobuf_and_json_are_refused()
    {
        Assert.Throws<BadInputException>(() => OtlpReader.Read([0x0a, 0x05, 1]));
        Assert.Throws<BadInputException>(() => OtlpReader.Read(new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { new Span { Name = "no id" } } } } } } }.ToByteArray()));
        Assert.Throws<BadInputException>(() => OtlpJsonReader.Read("[]"u8.ToArray()));
        Assert.Throws<BadInputException>(() => OtlpJsonReader.Read("{\"resourceSpans\":7}"u8.ToArray()));
    }

    private static void Check(SpanRecord span)
    {
        Assert.Equal(("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"), (span.TraceId, span.Id, span.ParentId));
        Assert.Equal((SpanKind.Client, "get", "a", "b", 1_700_000_000_000_000, 5000), (span.Kind, span.Name, span.Service, span.Remote.Service, span.TimestampUs, span.DurationUs));
        Assert.Equal(("no", "500", "h"), (span.Tag("error"), span.Tag("http.status_code"), span.Tag("host.name")));
        Assert.Equal(new SpanAnnotation(1_700_000_000_001_000, "retry"), span.Annotations.Single());
    }

    internal static ExportTraceServiceRequest Request() => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new Resource { Attributes = { Text("service.name", "A"), Text("host.name", "h") } },
                ScopeSpans =
                {
                    new ScopeSpans
                    {
                        Spans =
                        {
                            new Span
                            {
                                TraceId = ByteString.CopyFrom(Convert.FromHexString("5b8efff798038103d269b633813fc60c")),
                                SpanId = ByteString.CopyFrom(Convert.FromHexString("eee19b7ec3c1b174")),
                                ParentSpanId = ByteString.CopyFrom(Convert.FromHexString("eee19b7ec3c1b173")),
                                Name = "get",
                                Kind = Span.Types.SpanKind.Client,
                                StartTimeUnixNano = 1_700_000_000_000_000_000,
                                EndTimeUnixNano = 1_700_000_000_005_000_000,
                                Status = new Status { Code = Status.Types.StatusCode.Error, Message = "no" },
                                Attributes = { Text("peer.service", "b"), new KeyValue { Key = "http.status_code", Value = new AnyValue { IntValue = 500 } } },
                                Events = { new Span.Types.Event { TimeUnixNano = 1_700_000_000_001_000_000, Name = "retry" } },
                            },
                        },
                    },
                },
            },
        },
    };

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
