using Weft.Base.Buffers;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Tracing.Zipkin;

/// <summary>Writes spans as members of Zipkin's protobuf list (zipkin.proto3.ListOfSpans). One worker.</summary>
internal sealed class ZipkinProto(ZipkinTracerConfig config)
{
    private const int ListSpans = 1;
    private const int TraceId = 1, ParentId = 2, Id = 3, Kind = 4, Name = 5, Timestamp = 6, Duration = 7, LocalEndpoint = 8, Annotations = 10, Tags = 11, Shared = 13;
    private const int KindClient = 1, KindServer = 2;

    private readonly byte[] _endpoint = EndpointOf(config);
    private readonly ByteWriter _span = new(512);

    public void Write(ByteWriter output, Span span, SpanTags tags, long durationUs)
    {
        var startUs = ZipkinJson.UnixUs(span.StartTime);
        var isServer = span.Kind == SpanKind.Server;
        _span.Clear();
        _span.WriteHead(TraceId, span.TraceIdHigh == 0 ? 8 : 16);
        if (span.TraceIdHigh != 0)
            _span.WriteBigEndian(span.TraceIdHigh);
        _span.WriteBigEndian(span.TraceIdLow);
        if (span.ParentId != 0)
        {
            _span.WriteHead(ParentId, 8);
            _span.WriteBigEndian(span.ParentId);
        }

        _span.WriteHead(Id, 8);
        _span.WriteBigEndian(span.Id);
        _span.WriteNumber(Kind, isServer ? (ulong)KindServer : KindClient);
        _span.WriteText(Name, span.Name.Written);
        _span.WriteFixed64(Timestamp, (ulong)startUs);
        _span.WriteNumber(Duration, (ulong)durationUs);
        _span.WriteBytes(LocalEndpoint, _endpoint);
        for (var i = 0; i < tags.EventCount; i++)
            WriteAnnotation(startUs + tags.EventTimeUs(i) - span.StartUs, tags.EventOf(i));
        WriteAnnotation(startUs + durationUs, isServer ? "ss"u8 : "cr"u8);
        for (var i = 0; i < tags.Count; i++)
        {
            _span.WriteHead(Tags, ProtoText.SizeOfField(tags.NameOf(i).Length) + ProtoText.SizeOfField(tags.ValueOf(i).Length));
            _span.WriteText(1, tags.NameOf(i));
            _span.WriteText(2, tags.ValueOf(i));
        }

        if (isServer && config.SharesSpans)
            _span.WriteNumber(Shared, 1);
        output.WriteBytes(ListSpans, _span.Written);
    }

    private void WriteAnnotation(long timeUs, ReadOnlySpan<byte> value)
    {
        _span.WriteHead(Annotations, 9 + ProtoText.SizeOfField(value.Length));
        _span.WriteFixed64(1, (ulong)timeUs);
        _span.WriteText(2, value);
    }

    private static byte[] EndpointOf(ZipkinTracerConfig config)
    {
        var output = new ByteWriter();
        if (config.ServiceName.Length > 0)
            output.WriteText(1, config.ServiceName);
        output.WriteBytes(2, config.Address.ToIPAddress().MapToIPv4().GetAddressBytes());
        return output.Written.ToArray();
    }
}
