using Weft.Base.Buffers;

namespace Weft.Http.Http1;

/// <summary>How the body of an encoded message is delimited.</summary>
public enum Http1Framing : byte
{
    /// <summary>No body, or one whose content-length is in the map.</summary>
    AsHeaders,

    /// <summary>transfer-encoding: chunked is added and chunks are written.</summary>
    Chunked,

    /// <summary>By the end of the connection (HTTP/1.0 peers).</summary>
    UntilClose,
}

/// <summary>Events to HTTP/1 bytes: appends to an output queue, keeps no state. Names are written lower-case as Envoy does.</summary>
public static class Http1Encoder
{
    /// <summary>Request line (:method, :path, else the CONNECT authority), <c>host</c> from :authority, headers, framing. Connection, transfer-encoding and the like in the map are not written: framing and keep-alive are the encoder's.</summary>
    public static void WriteRequestHead(HeaderMap headers, Http1Framing framing, ByteQueue output) => throw new NotImplementedException();

    /// <summary>Status line with the standard reason, headers, framing, and <c>connection: close</c> (or keep-alive for HTTP/1.0) when asked.</summary>
    public static void WriteResponseHead(HeaderMap headers, Http1Framing framing, HttpProtocol protocol, bool close, ByteQueue output) => throw new NotImplementedException();

    /// <summary>One chunk of a chunked body; nothing when empty.</summary>
    public static void WriteChunk(ReadOnlySpan<byte> data, ByteQueue output) => throw new NotImplementedException();

    /// <summary>The size line of a chunk whose bytes the caller writes itself, followed by <see cref="WriteChunkEnd"/>: for large bodies that are not copied.</summary>
    public static void WriteChunkStart(int size, ByteQueue output) => throw new NotImplementedException();

    public static void WriteChunkEnd(ByteQueue output) => throw new NotImplementedException();

    /// <summary>The last chunk, with trailers when given.</summary>
    public static void WriteLastChunk(HeaderMap? trailers, ByteQueue output) => throw new NotImplementedException();
}
