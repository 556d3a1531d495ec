using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;

/// <summary>
/// Answers a gRPC client as it expects: 200 without a body, the status translated into grpc-status, the text in grpc-message
/// (gRPC over HTTP/2, "Trailers-Only" responses).
/// </summary>
internal static class GrpcReply
{
    private const int Unknown = 2;
    private const int PermissionDenied = 7;
    private const int Unimplemented = 12;
    private const int Internal = 13;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;

    /// <param name="scratch">Room for the message.</param>
    public static void Write(int status, ReadOnlySpan<byte> body, HeaderMap headers, ByteWriter scratch)
    {
        headers.Set(KnownHeader.Status, "200"u8);
        headers.Set(KnownHeader.ContentType, "application/grpc"u8);
        headers.Remove(KnownHeader.ContentLength);
        if (headers.Get(KnownHeader.GrpcStatus).IsEmpty) headers.Set(KnownHeader.GrpcStatus, StatusOf(status));
        if (body.IsEmpty) return;
        // A JSON format ends its line; a header has no lines.
        if (body[^1] == '\n') body = body[..^1];
        scratch.Clear();
        WriteEscaped(body, scratch);
        headers.Set(KnownHeader.GrpcMessage, scratch.Written);
    }

    /// <summary>gRPC's own table of HTTP status codes.</summary>
    public static int StatusOf(int httpStatus) => httpStatus switch
    {
        400 => Internal,
        401 => Unauthenticated,
        403 => PermissionDenied,
        404 => Unimplemented,
        429 or 502 or 503 or 504 => Unavailable,
        _ => Unknown,
    };

    /// <summary>Percent-encodes what a grpc-message may not hold as it is.</summary>
    public static void WriteEscaped(ReadOnlySpan<byte> text, ByteWriter output)
    {
        var hex = "0123456789ABCDEF"u8;
        foreach (var c in text)
        {
            if (c is >= (byte)' ' and < (byte)'~' and not (byte)'%')
            {
                output.Write(c);
                continue;
            }

            output.Write((byte)'%');
            output.Write(hex[c >> 4]);
            output.Write(hex[c & 0xF]);
        }
    }
}
