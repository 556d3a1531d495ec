using Weft.Base.Buffers;

namespace Weft.Http.Http1;

/// <summary>How the body of an encoded message is delimited.</summary>
public enum Http1Framing : byte
{
    /// <summary>No body, or one whose content-length is in the map. A request without it whose method could have a body gets content-length 0; a response is taken at its word.</summary>
    AsHeaders,

    /// <summary>transfer-encoding: chunked is added, and chunks are written (but for the answer to a HEAD request, which may say so without having any).</summary>
    Chunked,

    /// <summary>By the end of the connection (HTTP/1.0 peers), or not at all (tunnels).</summary>
    UntilClose,
}

/// <summary>
/// Events to HTTP/1 bytes: appends to an output queue, keeps no state. Names are written lower-case as Envoy does. An upgrade
/// (as <see cref="HopByHop.Strip"/> leaves it) is written with its Connection and Upgrade headers and without framing.
/// </summary>
public static class Http1Encoder
{
    /// <summary>Bytes of a head beyond those in the map's store: first line, host, framing, connection.</summary>
    private const int FixedBytes = 192;

    /// <summary>Request line (:method, :path, else the CONNECT authority), <c>host</c> from :authority, headers, framing. Connection, transfer-encoding and the like in the map are not written: framing and keep-alive are the encoder's.</summary>
    public static void WriteRequestHead(HeaderMap headers, Http1Framing framing, ByteQueue output, Http1WriteOptions options = default)
    {
        var method = headers.Get(KnownHeader.Method);
        var authority = headers.Get(KnownHeader.Authority);
        var isConnect = method.SequenceEqual("CONNECT"u8);
        var isUpgrade = HopByHop.IsUpgrade(headers);
        var names = new NameCase(headers, options);
        var writer = new HeadWriter(output, headers.UsedBytes + (2 * authority.Length) + FixedBytes);
        writer.Write(method);
        writer.Write(" "u8);
        if (options.IsFullUrl && !isConnect) WriteOrigin(headers, ref writer);
        writer.Write(isConnect ? authority : headers.Get(KnownHeader.Path));
        if (names.IsLower)
        {
            writer.Write(" HTTP/1.1\r\nhost: "u8);
        }
        else
        {
            writer.Write(" HTTP/1.1\r\n"u8);
            names.Write("host"u8, ref writer);
        }

        writer.Write(authority);
        writer.Write("\r\n"u8);

        var written = HeaderLines.OfRequest(isUpgrade, framing);
        written.Write(headers, names, ref writer);
        if (framing == Http1Framing.Chunked && !isUpgrade) WriteChunked(names, ref writer);
        else if (framing == Http1Framing.AsHeaders && !isUpgrade && MayHaveBody(method) && !headers.Has(KnownHeader.ContentLength))
        {
            names.Write("content-length"u8, ref writer);
            writer.Write("0\r\n"u8);
        }

        writer.Write("\r\n"u8);
        writer.Finish();
    }

    /// <summary>Status line with the standard reason, headers, framing, and <c>connection: close</c> (or keep-alive for HTTP/1.0) when asked. 1xx heads likewise.</summary>
    public static void WriteResponseHead(HeaderMap headers, Http1Framing framing, HttpProtocol protocol, bool close, ByteQueue output, Http1WriteOptions options = default)
    {
        var status = headers.Status;
        var isHttp10 = protocol == HttpProtocol.Http10;
        var isUpgrade = status == 101 && HopByHop.IsUpgrade(headers);
        var names = new NameCase(headers, options);
        var reason = headers.ReasonPhrase ?? ReasonPhrases.Of(status);
        var writer = new HeadWriter(output, headers.UsedBytes + reason.Length + FixedBytes);
        writer.Write(isHttp10 ? "HTTP/1.0 "u8 : "HTTP/1.1 "u8);
        writer.Write(status);
        writer.Write(" "u8);
        writer.Write(reason);
        writer.Write("\r\n"u8);

        if (framing == Http1Framing.Chunked && isHttp10) framing = Http1Framing.UntilClose;
        var written = HeaderLines.OfResponse(isUpgrade, framing);
        written.Write(headers, names, ref writer);
        if (status >= 200)
        {
            if (close || isHttp10)
            {
                names.Write("connection"u8, ref writer);
                writer.Write(close ? "close\r\n"u8 : "keep-alive\r\n"u8);
            }

            // RFC 9112 section 6.1: a 204 cannot have a body, and a 304 has none to delimit.
            if (framing == Http1Framing.Chunked && status is not (204 or 304)) WriteChunked(names, ref writer);
        }

        writer.Write("\r\n"u8);
        writer.Finish();
    }

    private static void WriteChunked(NameCase names, ref HeadWriter writer)
    {
        names.Write("transfer-encoding"u8, ref writer);
        writer.Write("chunked\r\n"u8);
    }

    private static void WriteOrigin(HeaderMap headers, ref HeadWriter writer)
    {
        writer.Write(headers.Has(KnownHeader.Scheme) ? headers.Get(KnownHeader.Scheme) : "http"u8);
        writer.Write("://"u8);
        writer.Write(headers.Get(KnownHeader.Authority));
    }

    /// <summary>RFC 9110 section 8.6: a request of these methods without body needs no content-length.</summary>
    private static bool MayHaveBody(ReadOnlySpan<byte> method)
        => !(method.SequenceEqual("GET"u8) || method.SequenceEqual("HEAD"u8) || method.SequenceEqual("DELETE"u8)
            || method.SequenceEqual("TRACE"u8) || method.SequenceEqual("CONNECT"u8));

    /// <summary>One chunk of a chunked body; nothing when empty.</summary>
    public static void WriteChunk(ReadOnlySpan<byte> data, ByteQueue output)
    {
        if (data.IsEmpty) return;
        WriteChunkStart(data.Length, output);
        output.Append(data);
        WriteChunkEnd(output);
    }

    /// <summary>The size line of a chunk whose bytes the caller writes itself, followed by <see cref="WriteChunkEnd"/>: for large bodies that are not copied. The size is not 0.</summary>
    public static void WriteChunkStart(int size, ByteQueue output)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        const int maxDigits = 8;
        var line = output.GetSpan(maxDigits + 2);
        var length = (32 - int.LeadingZeroCount(size) + 3) / 4;
        for (var i = length - 1; i >= 0; i--, size >>= 4) line[i] = "0123456789abcdef"u8[size & 15];
        line[length] = (byte)'\r';
        line[length + 1] = (byte)'\n';
        output.Advance(length + 2);
    }

    public static void WriteChunkEnd(ByteQueue output) => output.Append("\r\n"u8);

    /// <summary>The last chunk, with trailers when given.</summary>
    public static void WriteLastChunk(HeaderMap? trailers, ByteQueue output, Http1WriteOptions options = default)
    {
        if (trailers is null)
        {
            output.Append("0\r\n\r\n"u8);
            return;
        }

        var writer = new HeadWriter(output, trailers.UsedBytes + FixedBytes);
        writer.Write("0\r\n"u8);
        HeaderLines.OfTrailers.Write(trailers, new NameCase(null, options), ref writer);
        writer.Write("\r\n"u8);
        writer.Finish();
    }
}
