using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.HttpFilters;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// One direction of a stream through its filters: passes head, body and trailers from filter to filter, keeps what waits
/// behind a filter that stopped, and goes on from there. Pooled with its stream; worker thread.
/// </summary>
/// <typeparam name="TStream">A struct, so that what every event asks of the stream is a direct call.</typeparam>
/// <param name="stream">Whose.</param>
/// <param name="filters">In the order of travel.</param>
/// <param name="firstPlace">The place of the first filter of the chain, which is the last on the way back.</param>
/// <param name="isRequest">The direction.</param>
internal sealed class FilterPath<TStream>(TStream stream, HttpFilter[] filters, int firstPlace, bool isRequest)
    where TStream : struct, IFilteredStream
{
    // Filters in the order of travel. Those before _headAt have seen the head; the one at _stoppedAt holds the path.
    private readonly ByteQueue _kept = new(stream.Buffers);
    private HeaderMap? _head;
    private HeaderMap? _keptTrailers;
    private HeaderMap? _trailersStore;
    private int _headAt;
    private int _stoppedAt = -1;

    /// <summary>The filter that is being shown the head; what it adds to the body comes behind it.</summary>
    private int _headShownTo = -1;
    private bool _bodyAdded;
    private bool _ended;

    /// <summary>Bytes kept behind a filter that stopped.</summary>
    public int KeptBytes => _kept.Length;

    /// <summary>Trailers kept behind a filter that stopped; null when there are none.</summary>
    public HeaderMap? KeptTrailers => _keptTrailers;

    public void Reset()
    {
        _kept.Clear();
        _head = _keptTrailers = null;
        _headAt = 0;
        _stoppedAt = _headShownTo = -1;
        _ended = _bodyAdded = false;
    }

    public void Head(HeaderMap head, bool endStream)
    {
        _head = head;
        _ended = endStream;
        PassHead(endStream);
    }

    public void Data(ReadOnlySpan<byte> data, bool endStream)
    {
        _ended |= endStream;
        PassData(0, data, endStream);
    }

    /// <summary>Passes the trailers; kept ones are copied, the caller's map is only borrowed.</summary>
    public void Trailers(HeaderMap trailers)
    {
        _ended = true;
        PassTrailers(0, trailers);
    }

    /// <summary>Sends data on that a filter had kept for itself.</summary>
    public void Inject(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream)
    {
        if (stream.IsOver(isRequest))
            return;
        _ended |= endStream;
        var index = IndexOf(filter);
        if (index != _headShownTo)
        {
            PassData(index + 1, data, endStream);
            return;
        }

        _bodyAdded = true;
        Keep(data);
    }

    /// <summary>Ends the message with trailers that a filter adds.</summary>
    public void InjectTrailers(HttpFilter filter, HeaderMap trailers)
    {
        if (stream.IsOver(isRequest))
            return;
        _ended = true;
        var index = IndexOf(filter);
        if (index != _headShownTo)
        {
            PassTrailers(index + 1, trailers);
            return;
        }

        _bodyAdded = true;
        KeepTrailers(trailers);
    }

    /// <summary>Goes on behind a filter that had stopped the path.</summary>
    public void Continue(HttpFilter filter)
    {
        if (_stoppedAt < 0 || filters[_stoppedAt].Index != filter.Index || stream.IsOver(isRequest))
            return;
        Release();
    }

    private int IndexOf(HttpFilter filter) => isRequest ? filter.Index - firstPlace : filters.Length - 1 - (filter.Index - firstPlace);

    private void PassHead(bool endStream)
    {
        while (_headAt < filters.Length)
        {
            var index = _headAt++;
            var filter = filters[index];
            if (filter.IsSkipped)
                continue;
            _headShownTo = index;
            var status = isRequest ? filter.OnRequestHeaders(_head!, endStream) : filter.OnResponseHeaders(_head!, endStream);
            _headShownTo = -1;
            if (status == FilterStatus.Ended || stream.IsOver(isRequest))
                return;
            if (status == FilterStatus.StopAndBuffer)
            {
                _stoppedAt = index;
                return;
            }

            if (!_bodyAdded)
                continue;
            _bodyAdded = false;
            _stoppedAt = index;
            Release();
            return;
        }

        stream.OnHeadPassed(isRequest, _head!, endStream);
    }

    private void PassData(int from, ReadOnlySpan<byte> data, bool endStream)
    {
        var chunk = new BodyChunk { Bytes = data, EndStream = endStream };
        for (var i = from; i < filters.Length; i++)
        {
            if (_stoppedAt >= 0 && i > _stoppedAt)
            {
                Keep(chunk.Bytes);
                return;
            }

            if (filters[i].IsSkipped)
                continue;
            var status = isRequest ? filters[i].OnRequestData(ref chunk) : filters[i].OnResponseData(ref chunk);
            if (status == FilterStatus.Ended || stream.IsOver(isRequest))
                return;
            if (status == FilterStatus.StopAndBuffer)
            {
                _stoppedAt = i;
                // A filter that stops may keep the end for itself.
                _ended &= chunk.EndStream == endStream;
                Keep(chunk.Bytes);
                return;
            }

            if (i != _stoppedAt)
            {
                if (!chunk.Bytes.IsEmpty || chunk.EndStream)
                    continue;

                // The filter keeps it for itself, the end perhaps too.
                _ended &= !endStream;
                return;
            }

            // The filter that stopped at the head lets the body pass: what it held back goes on with it.
            Keep(chunk.Bytes);
            Release();
            return;
        }

        if (_stoppedAt >= 0)
            Keep(chunk.Bytes);
        else
            stream.OnDataPassed(isRequest, chunk.Bytes, chunk.EndStream);
    }

    private void PassTrailers(int from, HeaderMap trailers)
    {
        for (var i = from; i < filters.Length; i++)
        {
            if (_stoppedAt >= 0 && i > _stoppedAt)
            {
                KeepTrailers(trailers);
                return;
            }

            if (filters[i].IsSkipped)
                continue;
            var status = isRequest ? filters[i].OnRequestTrailers(trailers) : filters[i].OnResponseTrailers(trailers);
            if (status == FilterStatus.Ended || stream.IsOver(isRequest))
                return;
            if (status == FilterStatus.StopAndBuffer)
            {
                _stoppedAt = i;
                KeepTrailers(trailers);
                return;
            }

            if (i != _stoppedAt)
                continue;
            KeepTrailers(trailers);
            Release();
            return;
        }

        if (_stoppedAt >= 0)
            KeepTrailers(trailers);
        else
            stream.OnTrailersPassed(isRequest, trailers);
    }

    /// <summary>Passes what was kept to the filters behind the one that stopped.</summary>
    private void Release()
    {
        // The last piece may have been one too many.
        if (stream.IsOver(isRequest))
            return;
        var next = _stoppedAt + 1;
        _stoppedAt = -1;
        if (_headAt == next)
            PassHead(_ended && _kept.IsEmpty && _keptTrailers is null);
        while (_stoppedAt < 0 && !_kept.IsEmpty && !stream.IsOver(isRequest))
        {
            var piece = _kept.First;
            var last = piece.Length == _kept.Length && _keptTrailers is null;
            PassReleased(next, piece, last && _ended);
        }

        if (_stoppedAt < 0 && _keptTrailers is { } trailers && !stream.IsOver(isRequest))
        {
            _keptTrailers = null;
            PassTrailers(next, trailers);
        }
    }

    // A filter further on may stop at this piece and keep it: then it must not be drained twice, so it is taken out first.
    private void PassReleased(int next, ReadOnlySpan<byte> piece, bool endStream)
    {
        var copy = stream.CopyToScratch(piece);
        _kept.Drain(piece.Length);
        PassData(next, copy, endStream);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _kept.Append(bytes);
        if (_kept.Length > stream.KeptLimitBytes(isRequest))
            stream.OnBufferLimitExceeded(isRequest);
    }

    private void KeepTrailers(HeaderMap trailers)
    {
        _trailersStore ??= new HeaderMap();
        if (!ReferenceEquals(trailers, _trailersStore))
            _trailersStore.CopyFrom(trailers);
        _keptTrailers = _trailersStore;
    }
}
