using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Weft.Observe.Traces;
using Weft.Observe.Traces.Zipkin;

namespace Weft.Observe.Tests.Traces.Zipkin;

public sealed class ZipkinReaderTests
{
    [Fact]
    public void Version_2_is_read_and_written_again_without_a_loss()
    {
        var spans = ZipkinJsonReader.Read(Encoding.UTF8.GetBytes(TestSpans.Chain()));
        Assert.Equal(4, spans.Count);
        Assert.Equal(("front", "10.0.0.1", 80), (spans[0].Local.Service, spans[0].Local.Ip, spans[0].Local.Port));
        Assert.True(spans[3].IsError && spans[3].IsShared);
        Assert.Equal("half", spans[3].Annotations.Single().Value);
        Assert.Equal(spans.Select(Text), ZipkinJsonReader.Read(Written(spans)).Select(Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[{]")]
    [InlineData("[1]")]
    [InlineData("""[{"id":"1"}]""")]
    [InlineData("""[{"traceId":"1","id":""}]""")]
    [InlineData("""[{"traceId":"0","id":"1"}]""")]
    [InlineData("""[{"traceId":"xyz","id":"1"}]""")]
    [InlineData("""[{"traceId":"1","id":"12345678901234567"}]""")]
    [InlineData("""[{"traceId":"1","id":"1","kind":"FRIEND"}]""")]
    [InlineData("""[{"traceId":"1","id":"1","timestamp":-5}]""")]
    [InlineData("""[{"traceId":"1","id":"1","timestamp":"soon"}]""")]
    [InlineData("""[{"traceId":"1","id":"1","tags":[]}]""")]
    [InlineData("""[{"traceId":"1","id":"1","annotations":{}}]""")]
    [InlineData("""[{"traceId":"1","id":"1","localEndpoint":"a"}]""")]
    public void What_is_no_list_of_spans_is_refused(string body) => Assert.Throws<BadInputException>(() => ZipkinJsonReader.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Throws<BadInputException>(() => ZipkinJsonReader.Read(Encoding.UTF8.GetBytes(new string('[', 100_000))));

    [Fact]
    public void Version_1_tells_the_side_by_its_annotations()
    {
        const string body = """
            [{"traceId":"0000000000000001","id":"2","parentId":"1","name":"get","annotations":[
              {"timestamp":1000,"value":"cs","endpoint":{"serviceName":"a","ipv4":"127.0.0.1","port":80}},
              {"timestamp":1800,"value":"cr","endpoint":{"serviceName":"a","ipv4":"127.0.0.1","port":80}},
              {"timestamp":1200,"value":"sr","endpoint":{"serviceName":"b"}},
              {"timestamp":1700,"value":"ss","endpoint":{"serviceName":"b"}},
              {"timestamp":1300,"value":"thinking","endpoint":{"serviceName":"b"}}],
              "binaryAnnotations":[{"key":"http.url","value":"/x","endpoint":{"serviceName":"a"}},{"key":"sa","value":true,"endpoint":{"serviceName":"b"}}]}]
            """;
        var spans = ZipkinV1Reader.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal([(SpanKind.Client, "a", 1000L, 800L, false), (SpanKind.Server, "b", 1200L, 500L, true)], spans.Select(span => (span.Kind, span.Service, span.TimestampUs, span.DurationUs, span.IsShared)));
        Assert.Equal("b", spans[0].Remote.Service);
        Assert.All(spans, span => Assert.Equal(("/x", "thinking"), (span.Tag("http.url"), span.Annotations.Single().Value)));
    }

    [Fact]
    public void Protobuf_is_read_with_all_its_fields()
    {
        using var output = new MemoryStream();
        using (var coded = new CodedOutputStream(output))
        {
            Message(coded, 1, span =>
            {
                Bytes(span, 1, [0, 0, 0, 0, 0, 0, 0, 1]);
                Bytes(span, 2, [0, 0, 0, 0, 0, 0, 0, 2]);
                Bytes(span, 3, [0, 0, 0, 0, 0, 0, 0, 3]);
                span.WriteTag(4, WireFormat.WireType.Varint);
                span.WriteEnum((int)SpanKind.Server);
                Text(span, 5, "get");
                span.WriteTag(6, WireFormat.WireType.Fixed64);
                span.WriteFixed64(1_700_000_000_000_000);
                span.WriteTag(7, WireFormat.WireType.Varint);
                span.WriteUInt64(42);
                Message(span, 8, endpoint =>
                {
                    Text(endpoint, 1, "A");
                    Bytes(endpoint, 2, [10, 0, 0, 1]);
                });
                Message(span, 11, tag =>
                {
                    Text(tag, 1, "key");
                    Text(tag, 2, "value");
                });
                span.WriteTag(13, WireFormat.WireType.Varint);
                span.WriteBool(true);
                Text(span, 99, "unknown");
            });
        }

        var read = ZipkinProtoReader.Read(output.ToArray()).Single();
        Assert.Equal(("0000000000000001", "0000000000000002", "0000000000000003"), (read.TraceId, read.ParentId, read.Id));
        Assert.Equal((SpanKind.Server, "get", 1_700_000_000_000_000, 42, "a", "10.0.0.1", "value", true), (read.Kind, read.Name, read.TimestampUs, read.DurationUs, read.Service, read.Local.Ip, read.Tag("key"), read.IsShared));
    }

    [Theory]
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f })]
    [InlineData(new byte[] { 0x0a, 0x02, 0x0a, 0x20 })]
    [InlineData(new byte[] { 0x0a, 0x00 })]
    [InlineData(new byte[] { 0xff, 0xff })]
    public void Broken_protobuf_is_refused(byte[] body) => Assert.Throws<BadInputException>(() => ZipkinProtoReader.Read(body));

    private static ReadOnlyMemory<byte> Written(IReadOnlyList<SpanRecord> spans)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            ZipkinJsonWriter.Write(json, spans);
        return buffer.WrittenMemory;
    }

    private static string Text(SpanRecord span) => Encoding.UTF8.GetString(Written([span]).Span);

    private static void Text(CodedOutputStream output, int field, string text) => Bytes(output, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(CodedOutputStream output, int field, byte[] bytes)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        using var inner = new MemoryStream();
        using (var coded = new CodedOutputStream(inner, leaveOpen: true))
            write(coded);
        Bytes(output, field, inner.ToArray());
    }
}
