using System.Runtime.InteropServices;
using Envoy.Extensions.RequestId.Uuid.V3;
using Weft.Base;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Tracing;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>
/// x-request-id: a random UUID (version 4) for requests that bring none, or none that is believed. The digit behind the
/// second dash, always 4 in such a UUID, tells why the request is traced. Immutable; any thread.
/// </summary>
internal sealed class RequestIds
{
    private const int UuidBytes = 36;
    private const int ReasonPosition = 14;
    private const int NumberDigits = 8;

    private readonly bool _generate, _preserveExternal, _packsReason;

    public RequestIds(HcmMessage source, ConfigContext context)
    {
        _generate = source.GenerateRequestId ?? true;
        _preserveExternal = source.PreserveExternalRequestId;
        var extension = source.RequestIdExtension?.TypedConfig is { } config ? context.Unpack<UuidRequestIdConfig>(config) : null;
        _packsReason = extension?.PackTraceReason ?? true;
        DecidesSampling = extension?.UseRequestIdForTraceSampling ?? true;
    }

    /// <summary>use_request_id_for_trace_sampling; default true. Otherwise every request is traced.</summary>
    public bool DecidesSampling { get; }

    /// <summary>Reads what the id says about tracing; false when samples cannot be drawn by it.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="number">As <see cref="TryReadNumber"/> reads it.</param>
    /// <param name="reason">Why the request is traced; NotTraceable: nobody has said so.</param>
    public bool TryRead(HeaderMap headers, out ulong number, out TraceReason reason)
    {
        reason = ReasonOf(headers.Get(KnownHeader.XRequestId));
        return TryReadNumber(headers, out number);
    }

    /// <summary>The first eight digits, by which every proxy on the way draws the same samples; false when there is no such id.</summary>
    public static bool TryReadNumber(HeaderMap headers, out ulong number)
    {
        number = 0;
        var id = headers.Get(KnownHeader.XRequestId);
        return id.Length >= NumberDigits && HexText.TryParse(id[..NumberDigits], out number);
    }

    /// <param name="isEdge">The request enters here from outside: its own id is not believed.</param>
    public void Apply(HeaderMap headers, bool isEdge, RandomSource random)
    {
        if (!_generate) return;
        if (!headers.Has(KnownHeader.XRequestId) || (isEdge && !_preserveExternal)) SetNew(headers, random);
        else if (isEdge) SetReason(headers, TraceReason.NotTraceable);
    }

    /// <summary>Writes the reason into the id, if it is a UUID.</summary>
    public void SetReason(HeaderMap headers, TraceReason reason)
    {
        var id = headers.Get(KnownHeader.XRequestId);
        if (!_packsReason || id.Length != UuidBytes) return;
        Span<byte> changed = stackalloc byte[UuidBytes];
        id.CopyTo(changed);
        changed[ReasonPosition] = reason switch
        {
            TraceReason.Sampled => (byte)'9',
            TraceReason.Forced => (byte)'a',
            TraceReason.ClientForced => (byte)'b',
            _ => (byte)'4',
        };
        headers.Set(KnownHeader.XRequestId, changed);
    }

    private TraceReason ReasonOf(ReadOnlySpan<byte> id)
    {
        if (!_packsReason || id.Length != UuidBytes) return TraceReason.NotTraceable;
        return id[ReasonPosition] switch
        {
            (byte)'9' => TraceReason.Sampled,
            (byte)'a' => TraceReason.Forced,
            (byte)'b' => TraceReason.ClientForced,
            _ => TraceReason.NotTraceable,
        };
    }

    private static void SetNew(HeaderMap headers, RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[16];
        MemoryMarshal.Write(bytes, random.Next());
        MemoryMarshal.Write(bytes[8..], random.Next());
        // Version and variant (RFC 9562 section 5.4); a Guid's third field lies in memory with its low byte first.
        bytes[7] = (byte)((bytes[7] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        Span<byte> text = stackalloc byte[UuidBytes];
        MemoryMarshal.Read<Guid>(bytes).TryFormat(text, out _);
        headers.Set(KnownHeader.XRequestId, text);
    }
}
