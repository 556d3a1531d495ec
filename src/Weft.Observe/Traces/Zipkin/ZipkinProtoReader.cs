using System.Net;
using Google.Protobuf;

namespace Weft.Observe.Traces.Zipkin;

/// <summary>Zipkin's protobuf (<c>zipkin.proto3.ListOfSpans</c>), read field by field.</summary>
internal static class ZipkinProtoReader
{
    private const int ListSpans = 1;
    private const int TraceId = 1, ParentId = 2, Id = 3, Kind = 4, Name = 5, Timestamp = 6, Duration = 7, LocalEndpoint = 8, RemoteEndpoint = 9, Annotations = 10, Tags = 11, Debug = 12, Shared = 13;

    /// <exception cref="BadInputException">It is not that; nothing of it is taken.</exception>
    public static IReadOnlyList<SpanRecord> Read(ReadOnlyMemory<byte> body)
    {
        var spans = new List<SpanRecord>();
        try
        {
            var input = new CodedInputStream(body.ToArray());
            while (input.ReadTag() is not 0 and var tag)
            {
                if (WireFormat.GetTagFieldNumber(tag) == ListSpans && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                    spans.Add(ReadSpan(Nested(input)));
                else
                    input.SkipLastField();
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new BadInputException($"cannot be read as protobuf: {e.Message}");
        }

        return spans;
    }

    private static SpanRecord ReadSpan(CodedInputStream input)
    {
        byte[] traceId = [], id = [], parentId = [];
        var span = new SpanRecord { TraceId = "", Id = "" };
        var tags = new List<KeyValuePair<string, string>>();
        var annotations = new List<SpanAnnotation>();
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (TraceId, WireFormat.WireType.LengthDelimited):
                    traceId = input.ReadBytes().ToByteArray();
                    break;
                case (ParentId, WireFormat.WireType.LengthDelimited):
                    parentId = input.ReadBytes().ToByteArray();
                    break;
                case (Id, WireFormat.WireType.LengthDelimited):
                    id = input.ReadBytes().ToByteArray();
                    break;
                case (Kind, WireFormat.WireType.Varint):
                    span = span with { Kind = input.ReadEnum() is var kind and >= 0 and <= (int)SpanKind.Consumer ? (SpanKind)kind : SpanKind.None };
                    break;
                case (Name, WireFormat.WireType.LengthDelimited):
                    span = span with { Name = input.ReadString() };
                    break;
                case (Timestamp, WireFormat.WireType.Fixed64):
                    span = span with { TimestampUs = (long)Math.Min(input.ReadFixed64(), long.MaxValue / 2) };
                    break;
                case (Duration, WireFormat.WireType.Varint):
                    span = span with { DurationUs = (long)Math.Min(input.ReadUInt64(), long.MaxValue / 2) };
                    break;
                case (LocalEndpoint, WireFormat.WireType.LengthDelimited):
                    span = span with { Local = ReadEndpoint(Nested(input)) };
                    break;
                case (RemoteEndpoint, WireFormat.WireType.LengthDelimited):
                    span = span with { Remote = ReadEndpoint(Nested(input)) };
                    break;
                case (Annotations, WireFormat.WireType.LengthDelimited):
                    annotations.Add(ReadAnnotation(Nested(input)));
                    break;
                case (Tags, WireFormat.WireType.LengthDelimited):
                    tags.Add(ReadTag(Nested(input)));
                    break;
                case (Debug, WireFormat.WireType.Varint):
                    span = span with { IsDebug = input.ReadBool() };
                    break;
                case (Shared, WireFormat.WireType.Varint):
                    span = span with { IsShared = input.ReadBool() };
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return span with
        {
            TraceId = SpanIds.TraceId(traceId),
            Id = SpanIds.SpanId(id, "id"),
            ParentId = SpanIds.ParentId(Convert.ToHexStringLower(parentId)),
            Tags = tags,
            Annotations = annotations,
        };
    }

    private static SpanEndpoint ReadEndpoint(CodedInputStream input)
    {
        var (service, ip, port) = ("", "", 0);
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (1, WireFormat.WireType.LengthDelimited):
                    service = input.ReadString().ToLowerInvariant();
                    break;
                case (2 or 3, WireFormat.WireType.LengthDelimited):
                    var bytes = input.ReadBytes();
                    ip = bytes.Length is 4 or 16 ? new IPAddress(bytes.Span).ToString() : ip;
                    break;
                case (4, WireFormat.WireType.Varint):
                    port = input.ReadInt32();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return new SpanEndpoint(service, ip, Math.Clamp(port, 0, ushort.MaxValue));
    }

    private static SpanAnnotation ReadAnnotation(CodedInputStream input)
    {
        var (time, value) = (0L, "");
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (1, WireFormat.WireType.Fixed64):
                    time = (long)Math.Min(input.ReadFixed64(), long.MaxValue / 2);
                    break;
                case (2, WireFormat.WireType.LengthDelimited):
                    value = input.ReadString();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return new SpanAnnotation(time, value);
    }

    private static KeyValuePair<string, string> ReadTag(CodedInputStream input)
    {
        var (key, value) = ("", "");
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (1, WireFormat.WireType.LengthDelimited):
                    key = input.ReadString();
                    break;
                case (2, WireFormat.WireType.LengthDelimited):
                    value = input.ReadString();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return new(key, value);
    }

    private static CodedInputStream Nested(CodedInputStream input) => input.ReadBytes().CreateCodedInput();
}
