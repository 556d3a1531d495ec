using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Clusters.ConnectionPools;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>
/// The part of a request's body that has to be in memory: what waits for a connection, and, while the request may be sent again, all that
/// has come so far. So an attempt sends the whole body or, once something was let go, none is made. Pooled with its router; worker thread.
/// </summary>
internal sealed class RequestBody(BufferPool buffers)
{
    private readonly ByteQueue _bytes = new(buffers);
    private HeaderMap? _trailers;
    private bool _hasTrailers;

    /// <summary>Bytes stay after they were sent, for another attempt.</summary>
    public bool IsKept { get; private set; }

    /// <summary>The end of the request is in here (or was sent on).</summary>
    public bool IsComplete { get; private set; }

    public int Length => _bytes.Length;

    /// <summary>What is here, for who takes the request over.</summary>
    public ByteQueue Bytes => _bytes;

    /// <summary>Null when there are none.</summary>
    public HeaderMap? Trailers => _hasTrailers ? _trailers : null;

    public void Begin(bool keep, bool isComplete) => (IsKept, IsComplete) = (keep, isComplete);

    public void Add(ReadOnlySpan<byte> data, bool endStream)
    {
        _bytes.Append(data);
        IsComplete |= endStream;
    }

    /// <summary>Copies the trailers.</summary>
    public void AddTrailers(HeaderMap trailers)
    {
        _trailers ??= new HeaderMap();
        _trailers.CopyFrom(trailers);
        _hasTrailers = IsComplete = true;
    }

    /// <summary>There will be no other attempt.</summary>
    /// <param name="isSent">What there is has been sent already.</param>
    public void StopKeeping(bool isSent)
    {
        IsKept = false;
        if (isSent)
            _bytes.Clear();
    }

    /// <summary>Sends what there is; lets it go unless it is kept.</summary>
    /// <param name="stream">Its head is sent.</param>
    /// <param name="attempt">Ends the sending when it is over.</param>
    public void SendTo(UpstreamStream stream, UpstreamRequest attempt)
    {
        for (var block = _bytes.Head; block is not null; block = block.Next)
        {
            stream.EncodeData(block.Data, endStream: block.Next is null && IsComplete && !_hasTrailers);
            if (!attempt.IsActive)
                return;
        }

        if (_hasTrailers)
            stream.EncodeTrailers(_trailers!);
        else if (IsComplete && _bytes.IsEmpty)
            stream.EncodeData([], endStream: true);
        if (!IsKept)
            _bytes.Clear();
    }

    /// <summary>Ready for another request.</summary>
    public void Reset()
    {
        _bytes.Clear();
        IsKept = IsComplete = _hasTrailers = false;
    }
}
