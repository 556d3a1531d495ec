namespace Weft.Http.Http2.Streams;

/// <summary>Streams that wait for something, first come, first served; linked through the streams themselves. A stream is in one list of a kind at most.</summary>
internal struct StreamList
{
    private Http2Stream? _first;
    private Http2Stream? _last;

    public readonly Http2Stream? First => _first;

    public void Add(Http2Stream stream)
    {
        if (stream.IsQueued) return;
        stream.IsQueued = true;
        stream.Previous = _last;
        if (_last is null) _first = stream;
        else _last.Following = stream;
        _last = stream;
    }

    public void Remove(Http2Stream stream)
    {
        if (!stream.IsQueued) return;
        stream.IsQueued = false;
        if (stream.Previous is null) _first = stream.Following;
        else stream.Previous.Following = stream.Following;
        if (stream.Following is null) _last = stream.Previous;
        else stream.Following.Previous = stream.Previous;
        stream.Previous = stream.Following = null;
    }
}
