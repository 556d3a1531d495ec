using System.Text;
using Weft.Http;
using Weft.Http.Http2.Streams;

namespace Weft.Serving;

/// <summary>The head and the end of what a gRPC call is answered with. Loop thread.</summary>
/// <param name="stream">The call.</param>
/// <param name="headers">Scratch; nothing else writes to it meanwhile.</param>
public readonly struct GrpcAnswer(Http2Stream stream, HeaderMap headers)
{
    public const int InvalidArgument = 3;
    public const int ResourceExhausted = 8;
    public const int Unimplemented = 12;

    /// <summary>Before the first message; clients may wait for it.</summary>
    public void Begin()
    {
        SetHead();
        stream.WriteHeaders(headers, endStream: false);
    }

    /// <summary>Ends the call.</summary>
    /// <param name="hasBegun">There was a head; else one is sent with the status.</param>
    /// <param name="status">0: all is well.</param>
    /// <param name="message">What went wrong; "" for nothing.</param>
    public void End(bool hasBegun, int status, string message)
    {
        if (hasBegun)
            headers.Clear();
        else
            SetHead();
        headers.Set(KnownHeader.GrpcStatus, status);
        if (message.Length > 0)
            headers.Set(KnownHeader.GrpcMessage, Encoding.ASCII.GetBytes(Uri.EscapeDataString(message)));
        if (hasBegun)
            stream.WriteTrailers(headers);
        else
            stream.WriteHeaders(headers, endStream: true);
        stream.StopReading();
    }

    private void SetHead()
    {
        headers.Clear();
        headers.Set(KnownHeader.Status, "200"u8);
        headers.Set(KnownHeader.ContentType, "application/grpc"u8);
    }
}
