using Weft.Base.Buffers;
using Weft.Http.Http2.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>What one worker keeps for a configured connection manager: its pool of streams and its scratch writers.</summary>
internal sealed class HttpConnectionManagerWorker(HttpConnectionManagerConfig config, Worker worker)
{
    /// <summary>Streams kept for reuse; beyond that they are left to the garbage collector.</summary>
    private const int MaxPooledStreams = 1024;

    private readonly Stack<HttpStream> _streams = new();

    public HttpConnectionManagerConfig Config => config;

    public Worker Worker => worker;

    public Http2StreamPool Http2Streams { get; } = new(worker.Loop.Buffers);

    public ByteWriter Scratch { get; } = new();

    public ByteWriter LocalReplyBody { get; } = new();

    public HttpStream RentStream() => _streams.TryPop(out var stream) ? stream : new HttpStream(this);

    public void ReturnStream(HttpStream stream)
    {
        stream.Reset();
        if (_streams.Count < MaxPooledStreams)
            _streams.Push(stream);
    }
}
