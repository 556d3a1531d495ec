using Weft.Http.Http1;
using Weft.Net;

namespace Weft.Proxy.Streams;

/// <summary>Writes the body of an HTTP/1 message to its connection, in whichever direction. Worker thread.</summary>
internal static class Http1Body
{
    /// <summary>Writes a piece, and the body's end where the framing has one. Large pieces are not copied, whatever the framing.</summary>
    public static void Write(Connection socket, Http1Framing framing, ReadOnlySpan<byte> data, bool endStream)
    {
        if (data.Length > 0 && framing == Http1Framing.Chunked)
        {
            Http1Encoder.WriteChunkStart(data.Length, socket.Output);
            socket.Write(data);
            Http1Encoder.WriteChunkEnd(socket.Output);
        }
        else if (data.Length > 0)
        {
            socket.Write(data);
        }

        if (endStream && framing == Http1Framing.Chunked)
            Http1Encoder.WriteLastChunk(null, socket.Output);
        socket.ScheduleFlush();
    }
}
