using System.Buffers.Text;
using System.Globalization;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Tracing.XRay;

/// <summary>Writes spans as X-Ray's segment documents: some tags have places of their own, the others are annotations. One worker.</summary>
internal sealed class XRaySegment(XRayTracerConfig config)
{
    private readonly ByteWriter _request = new();
    private readonly ByteWriter _response = new();
    private readonly ByteWriter _annotations = new();

    public void Write(ByteWriter output, Span span, SpanTags tags, long durationUs)
    {
        var facts = span.State<XRaySpanFacts>();
        Sort(tags, facts, out var status, out var isFault);
        output.Write("{\"name\":"u8);
        JsonText.WriteString(output, facts.IsPart ? span.Name.Written : config.Name);
        output.Write(",\"id\":\""u8);
        HexText.Write(output, span.Id);
        output.Write("\",\"trace_id\":\""u8);
        XRayHeader.WriteTraceId(output.GetSpan(XRayHeader.TraceIdLength), span);
        output.Advance(XRayHeader.TraceIdLength);
        output.Write("\",\"start_time\":"u8);
        var startUs = (span.StartTime.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        WriteSeconds(output, startUs);
        output.Write(",\"end_time\":"u8);
        WriteSeconds(output, startUs + durationUs);
        if (span.ParentId != 0)
        {
            output.Write(",\"parent_id\":\""u8);
            HexText.Write(output, span.ParentId);
            output.Write((byte)'"');
        }

        WriteParts(output, facts.IsPart);
        WriteFlags(output, status, isFault);
        if (facts.IsPart)
            output.Write(",\"type\":\"subsegment\""u8);
        output.Write((byte)'}');
    }

    /// <summary>Where the proxy runs is said of the request itself only.</summary>
    private void WriteParts(ByteWriter output, bool isPart)
    {
        output.Write(",\"http\":{\"request\":{"u8);
        output.Write(_request.Written);
        output.Write("},\"response\":{"u8);
        output.Write(_response.Written);
        output.Write("}},\"annotations\":{"u8);
        output.Write(_annotations.Written);
        output.Write((byte)'}');
        if (isPart)
            return;
        if (config.Origin.Length > 0)
        {
            output.Write(",\"origin\":"u8);
            JsonText.WriteString(output, config.Origin);
        }

        output.Write(",\"aws\":"u8);
        output.Write(config.Aws);
    }

    private static void WriteFlags(ByteWriter output, int status, bool isFault)
    {
        if (status is >= 400 and < 500)
            output.Write(",\"error\":true"u8);
        if (isFault)
            output.Write(",\"fault\":true"u8);
        if (status == 429)
            output.Write(",\"throttle\":true"u8);
    }

    /// <summary>Puts every tag where it belongs.</summary>
    private void Sort(SpanTags tags, XRaySpanFacts facts, out int status, out bool isFault)
    {
        _request.Clear();
        _response.Clear();
        _annotations.Clear();
        (status, isFault) = (0, false);
        if (facts.Client.Length > 0)
            WriteClient(facts.Client.Written, isForwarded: true);
        for (var i = 0; i < tags.Count; i++)
        {
            var name = tags.NameOf(i);
            var value = tags.ValueOf(i);
            if (name.SequenceEqual("http.url"u8))
                WriteText(_request, "url"u8, value);
            else if (name.SequenceEqual("http.method"u8))
                WriteText(_request, "method"u8, value);
            else if (name.SequenceEqual("user_agent"u8))
                WriteText(_request, "user_agent"u8, value);
            else if (name.SequenceEqual("http.status_code"u8))
                status = WriteNumber("status"u8, value);
            else if (name.SequenceEqual("response_size"u8))
                WriteNumber("content_length"u8, value);
            else if (name.SequenceEqual("peer.address"u8))
                WritePeer(value, facts);
            else if (name.SequenceEqual("error"u8) && value.SequenceEqual("true"u8))
                isFault = true;
            else
                WriteText(_annotations, name, value);
        }

        WriteText(_annotations, "direction"u8, facts.IsEgress ? "egress"u8 : "ingress"u8);
    }

    private void WritePeer(ReadOnlySpan<byte> address, XRaySpanFacts facts)
    {
        if (facts.Client.Length == 0)
            WriteClient(address, isForwarded: false);
    }

    private void WriteClient(ReadOnlySpan<byte> address, bool isForwarded)
    {
        WriteText(_request, "client_ip"u8, address);
        _request.Write(isForwarded ? ",\"x_forwarded_for\":true"u8 : ",\"x_forwarded_for\":false"u8);
    }

    private int WriteNumber(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!Utf8Parser.TryParse(value, out long number, out var used) || used != value.Length)
            return 0;
        if (_response.Length > 0)
            _response.Write((byte)',');
        JsonText.WriteString(_response, name);
        _response.Write((byte)':');
        _response.Write(number);
        return (int)Math.Clamp(number, 0, int.MaxValue);
    }

    private static void WriteText(ByteWriter output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (output.Length > 0)
            output.Write((byte)',');
        JsonText.WriteString(output, name);
        output.Write((byte)':');
        JsonText.WriteString(output, value);
    }

    /// <summary>Seconds with a fraction of microseconds.</summary>
    private static void WriteSeconds(ByteWriter output, long us)
    {
        output.Write(us / 1_000_000);
        output.Write((byte)'.');
        (us % 1_000_000).TryFormat(output.GetSpan(6), out var length, "D6", CultureInfo.InvariantCulture);
        output.Advance(length);
    }
}
