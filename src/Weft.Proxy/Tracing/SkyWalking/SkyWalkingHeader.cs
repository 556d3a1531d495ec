using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tracing.SkyWalking;

/// <summary>
/// sw8: a request as the caller's span. Eight parts with dashes between: 1, then in base64 the trace and the segment, the span's number, and in
/// base64 the service, its instance, the endpoint and the address that is called. Source: SkyWalking's cross process propagation headers, v3.
/// </summary>
internal static class SkyWalkingHeader
{
    public static readonly HeaderName Name = new("sw8");

    private const int PartCount = 8;

    /// <summary>Reads what the caller says into the segment that its request becomes; false when it says nothing that can be understood.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, SkyWalkingSegment segment)
    {
        Span<Range> ranges = stackalloc Range[PartCount + 1];
        if (text.Length == 0 || Split(text, ranges) != PartCount || text[ranges[0]].Length != 1)
            return false;
        segment.TraceId.Clear();
        segment.Caller.Clear();
        return TryDecode(text[ranges[1]], segment.TraceId) && segment.TraceId.Length > 0
            && TryWriteReference(text, ranges, segment);
    }

    /// <summary>Writes the header of a request to an upstream.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="segment">What it belongs to.</param>
    /// <param name="span">The attempt's number there.</param>
    /// <param name="upstream">Whom it goes to. By this address, which the attempt's span has as its peer, the backend knows which service was called.</param>
    /// <param name="config">Says who calls.</param>
    /// <param name="scratch">Is cleared.</param>
    public static void Write(HeaderMap headers, SkyWalkingSegment segment, int span, Endpoint? upstream, SkyWalkingTracerConfig config, ByteWriter scratch)
    {
        scratch.Clear();
        scratch.Write("1-"u8);
        Encode(scratch, segment.TraceId.Written);
        scratch.Write((byte)'-');
        Encode(scratch, segment.Id.Written);
        scratch.Write((byte)'-');
        scratch.Write(span);
        scratch.Write((byte)'-');
        Encode(scratch, config.Service);
        scratch.Write((byte)'-');
        Encode(scratch, config.Instance);
        scratch.Write((byte)'-');
        Encode(scratch, segment.Endpoint.Written);
        scratch.Write((byte)'-');
        EncodeAddress(scratch, headers, upstream);
        headers.Set(Name, scratch.Written);
    }

    private static int Split(ReadOnlySpan<byte> text, Span<Range> parts)
    {
        var (count, start) = (0, 0);
        for (var i = 0; i <= text.Length && count < parts.Length; i++)
        {
            if (i < text.Length && text[i] != '-')
                continue;
            parts[count++] = start..i;
            start = i + 1;
        }

        return count;
    }

    /// <summary>What the caller is, as the segment's first span refers to it.</summary>
    private static bool TryWriteReference(ReadOnlySpan<byte> text, ReadOnlySpan<Range> ranges, SkyWalkingSegment segment)
    {
        if (!Utf8Parser.TryParse(text[ranges[3]], out int span, out var used) || used != text[ranges[3]].Length || span < 0)
            return false;
        var reference = segment.Caller;
        SkyWalkingMessages.WriteTraceId(reference, segment.TraceId.Written);
        if (!TryWritePart(reference, SkyWalkingMessages.ParentSegmentId, text[ranges[2]], segment))
            return false;
        SkyWalkingMessages.WriteParentSpan(reference, span);
        return TryWritePart(reference, SkyWalkingMessages.ParentService, text[ranges[4]], segment)
            && TryWritePart(reference, SkyWalkingMessages.ParentServiceInstance, text[ranges[5]], segment)
            && TryWritePart(reference, SkyWalkingMessages.ParentEndpoint, text[ranges[6]], segment)
            && TryWritePart(reference, SkyWalkingMessages.NetworkAddressUsedAtPeer, text[ranges[7]], segment);
    }

    private static bool TryWritePart(ByteWriter reference, int field, ReadOnlySpan<byte> encoded, SkyWalkingSegment segment)
    {
        segment.Scratch.Clear();
        if (!TryDecode(encoded, segment.Scratch))
            return false;
        SkyWalkingMessages.WriteText(reference, field, segment.Scratch.Written);
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<byte> encoded, ByteWriter output)
    {
        var status = Base64.DecodeFromUtf8(encoded, output.GetSpan(Base64.GetMaxDecodedFromUtf8Length(encoded.Length)), out _, out var written);
        output.Advance(written);
        return status == System.Buffers.OperationStatus.Done;
    }

    private static void EncodeAddress(ByteWriter output, HeaderMap headers, Endpoint? upstream)
    {
        if (upstream is null)
        {
            Encode(output, headers.Get(KnownHeader.Authority));
            return;
        }

        Span<byte> address = stackalloc byte[NetAddress.MaxTextBytes];
        Encode(output, address[..upstream.Address.Format(address, withPort: true)]);
    }

    private static void Encode(ByteWriter output, ReadOnlySpan<byte> text)
    {
        Base64.EncodeToUtf8(text, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(text.Length)), out _, out var written);
        output.Advance(written);
    }
}
