using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Tracing.OpenTelemetry;

/// <summary>Writes spans as members of opentelemetry.proto.trace.v1.ScopeSpans. One worker.</summary>
internal sealed class OtelSpanWriter
{
    private const int ScopeSpansSpans = 2;
    private const int TraceId = 1, SpanId = 2, TraceState = 3, ParentSpanId = 4, Name = 5, Kind = 6, StartTime = 7, EndTime = 8, Attributes = 9, Events = 11, Status = 15;
    private const int KindServer = 2, KindClient = 3;
    private const int StatusCode = 3, CodeError = 2;

    /// <summary>The statuses of gRPC that are an error of a server's span: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS.</summary>
    private const uint GrpcServerErrors = 1u << 2 | 1u << 4 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 15;

    private readonly ByteWriter _span = new(512);

    public void Write(ByteWriter output, Span span, SpanTags tags, long durationUs)
    {
        var startNs = (ulong)(span.StartTime.Ticks - DateTime.UnixEpoch.Ticks) * 100;
        _span.Clear();
        _span.WriteHead(TraceId, 16);
        _span.WriteBigEndian(span.TraceIdHigh);
        _span.WriteBigEndian(span.TraceIdLow);
        _span.WriteHead(SpanId, 8);
        _span.WriteBigEndian(span.Id);
        if (span.TraceState.Length > 0)
            _span.WriteText(TraceState, span.TraceState.Written);
        if (span.ParentId != 0)
        {
            _span.WriteHead(ParentSpanId, 8);
            _span.WriteBigEndian(span.ParentId);
        }

        _span.WriteText(Name, span.Name.Written);
        _span.WriteNumber(Kind, span.Kind == SpanKind.Server ? (ulong)KindServer : KindClient);
        _span.WriteFixed64(StartTime, startNs);
        _span.WriteFixed64(EndTime, startNs + (ulong)durationUs * 1000);
        for (var i = 0; i < tags.Count; i++)
            WriteAttribute(_span, Attributes, tags.NameOf(i), tags.ValueOf(i));
        for (var i = 0; i < tags.EventCount; i++)
        {
            _span.WriteHead(Events, 9 + ProtoText.SizeOfField(tags.EventOf(i).Length));
            _span.WriteFixed64(1, startNs + (ulong)(tags.EventTimeUs(i) - span.StartUs) * 1000);
            _span.WriteText(2, tags.EventOf(i));
        }

        if (IsError(span.Kind, tags))
        {
            _span.WriteHead(Status, 2);
            _span.WriteNumber(StatusCode, CodeError);
        }

        output.WriteBytes(ScopeSpansSpans, _span.Written);
    }

    /// <summary>A KeyValue whose value is a text.</summary>
    public static void WriteAttribute(ByteWriter output, int field, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var anyValue = ProtoText.SizeOfField(value.Length);
        output.WriteHead(field, ProtoText.SizeOfField(key.Length) + ProtoText.SizeOfField(anyValue));
        output.WriteText(1, key);
        output.WriteHead(2, anyValue);
        output.WriteText(1, value);
    }

    /// <summary>A client's span counts what the server says is the client's fault, too.</summary>
    private static bool IsError(SpanKind kind, SpanTags tags)
    {
        var isError = false;
        for (var i = 0; i < tags.Count; i++)
        {
            if (tags.NameOf(i).SequenceEqual("http.status_code"u8))
                isError = Number(tags.ValueOf(i)) is var status && (status >= 500 || (status >= 400 && kind == SpanKind.Client));
            else if (tags.NameOf(i).SequenceEqual("grpc.status_code"u8))
                isError = Number(tags.ValueOf(i)) is var grpc && (kind == SpanKind.Client ? grpc > 0 : grpc < 32 && (GrpcServerErrors & (1u << grpc)) != 0);
        }

        return isError;
    }

    private static int Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out int number, out _) && number >= 0 ? number : 0;
}
