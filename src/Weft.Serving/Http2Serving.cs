using Weft.Base.Stats;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;

namespace Weft.Serving;

/// <summary>What all HTTP/2 connections of one loop share. One loop.</summary>
/// <param name="loop">Its buffers are used.</param>
/// <param name="options">What clients may do.</param>
public sealed class Http2Serving(EventLoop loop, Http2Options options)
{
    public Http2Options Options => options;

    /// <summary>Counted, and shown nowhere.</summary>
    public Http2CodecStats Stats { get; } = new(new StatsStore().Scope(""));

    public Http2StreamPool Streams { get; } = new(loop.Buffers);
}
