using Weft.Base.Buffers;

namespace Weft.Http.Http2.Streams;

/// <summary>What the HTTP/2 connections of one worker share: streams that are not in use, scratch for header blocks. One thread.</summary>
/// <remarks>A pooled stream keeps its <see cref="Http2Stream.Handler"/>, so that whoever made that makes it once.</remarks>
public sealed class Http2StreamPool(BufferPool buffers)
{
    /// <summary>Streams kept for reuse; beyond that they are left to the garbage collector.</summary>
    private const int MaxFree = 1024;

    private readonly Stack<Http2Stream> _free = new();

    internal BufferPool Buffers => buffers;

    /// <summary>For strings of header blocks that are decoded, or blocks that are encoded.</summary>
    internal ByteWriter Scratch { get; } = new();

    /// <summary>Takes the fields of messages that nobody wants, and of trailers while they are handed on.</summary>
    internal HeaderMap Fields { get; } = new();

    /// <summary>For received body that waited, while it is handed on.</summary>
    internal ByteWriter Body { get; } = new();

    internal Http2Stream Rent() => _free.TryPop(out var stream) ? stream : new Http2Stream(this);

    internal void Return(Http2Stream stream)
    {
        stream.Clear();
        if (_free.Count < MaxFree) _free.Push(stream);
    }
}
