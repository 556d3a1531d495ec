using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.HttpFilters.Lua;

/// <summary>
/// One direction of a stream and the coroutine that its script runs in: starts it at the head, resumes it with what it waits for, and tells the path
/// whether the message may go on. While the head is held the body is kept here, where the script can change it. Pooled with its filter; worker thread.
/// </summary>
/// <param name="filter">Whose.</param>
/// <param name="isRequest">The direction.</param>
internal sealed partial class LuaRun(LuaFilter filter, bool isRequest)
{
    private const int KeptBufferBytes = 64 * 1024;

    private ByteWriter _held = new(0);
    private ByteWriter _chunk = new(0);
    private LuaState? _state;
    private LuaThread _thread;
    private LuaWait _wait;
    private HeaderMap _head = null!;
    private int _chunkNumber;
    private bool _isChunkShown;
    private bool _isHeadPassed;
    private bool _haveTrailersCome;
    private StreamPause _pause = new(isRequest);
    private bool _wasCutShort;

    /// <summary>Any of the body came, be it empty.</summary>
    private bool _hasBodyFrames;

    private int LimitBytes => isRequest ? Stream.RequestBufferLimitBytes : Stream.BufferLimitBytes;

    /// <summary>The head has come.</summary>
    /// <param name="script">Null: none is for this stream.</param>
    public FilterStatus OnHead(LuaScript? script, HeaderMap headers, bool endStream)
    {
        // An answer of the proxy's own may take the place of a response that is on its way.
        if (_state is not null)
            Reset();
        if (script?.State is not { } state || !(isRequest ? state.HandlesRequests : state.HandlesResponses))
            return FilterStatus.Continue;
        (_state, _head, HasEnded) = (state, headers, endStream);
        filter.Factory.Stats.Executions.Inc();
        _thread = state.Begin(this, isRequest);
        Go(arguments: 2);
        if (IsHolding(out var status))
            return status;
        // There is something when the script gave a body to a message without one.
        ReleaseHeld(endStream: true);
        return FilterStatus.Continue;
    }

    public FilterStatus OnData(ref BodyChunk chunk)
    {
        if (_thread.IsNone)
            return FilterStatus.Continue;
        HasEnded |= chunk.EndStream;
        _hasBodyFrames = true;
        switch (_wait)
        {
            case LuaWait.Body:
            case LuaWait.Call when !_isHeadPassed:
                return Hold(ref chunk);
            case LuaWait.Call:
                return FilterStatus.StopAndBuffer;
            case LuaWait.BodyChunk:
                return Show(ref chunk);
            default:
                HasStreamedBody = true;
                if (chunk.EndStream && _wait == LuaWait.Trailers)
                    Go(arguments: 0);
                return IsHolding(out var status) ? status : FilterStatus.Continue;
        }
    }

    public FilterStatus OnTrailers(HeaderMap trailers)
    {
        if (_thread.IsNone)
            return FilterStatus.Continue;
        HasEnded = true;
        Trailers = trailers;
        if (_wait != LuaWait.Call)
            Go(arguments: 0);
        // They are only borrowed: when they have to wait, the path keeps a copy.
        Trailers = null;
        _haveTrailersCome = true;
        if (IsHolding(out var status))
            return status;
        ReleaseHeld(endStream: false);
        return FilterStatus.Continue;
    }

    /// <summary>The stream is over.</summary>
    public void Reset()
    {
        CancelCall();
        // The source of a response ends with the stream.
        _pause.ForgetResponse();
        _pause.Unpause(Stream);
        EndThread(isFinished: false);
        (_state, _head, Trailers) = (null, null!, null);
        _held = Emptied(_held);
        _chunk = Emptied(_chunk);
        ReplyBody = Emptied(ReplyBody);
        HasEnded = HasStreamedBody = HasBody = _hasBodyFrames = _isChunkShown = _isHeadPassed = _haveTrailersCome = false;
    }

    /// <summary>Whether the message must stay where it is, because of what the script has stopped for.</summary>
    private bool IsHolding(out FilterStatus status)
    {
        status = FilterStatus.StopAndBuffer;
        switch (_wait)
        {
            case LuaWait.Call:
                _pause.Pause(Stream);
                return true;
            case LuaWait.Body:
                return true;
            case LuaWait.Reply:
                SendReply();
                status = FilterStatus.Ended;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Keeps body here; at its end the script goes on, if that is what it waits for, and the body with it.</summary>
    private FilterStatus Hold(ref BodyChunk chunk)
    {
        _held.Write(chunk.Bytes);
        // What is too long for the limit is handed to the path, which refuses it.
        chunk.Bytes = _held.Length > LimitBytes ? _held.Written : default;
        if (_wait == LuaWait.Call || !chunk.EndStream || !chunk.Bytes.IsEmpty)
            return FilterStatus.StopAndBuffer;
        Go(arguments: 0);
        if (IsHolding(out var status))
            return status;
        _isHeadPassed = true;
        chunk.Bytes = _held.Written;
        return FilterStatus.Continue;
    }

    private FilterStatus Show(ref BodyChunk chunk)
    {
        ShowChunk(chunk.Bytes);
        chunk.Bytes = _chunk.Written;
        return IsHolding(out var status) ? status : FilterStatus.Continue;
    }

    private void ShowChunk(ReadOnlySpan<byte> bytes)
    {
        HasStreamedBody = true;
        _chunk.Clear();
        _chunk.Write(bytes);
        _thread.Stack.Push(++_chunkNumber);
        _isChunkShown = true;
        Go(arguments: 1);
        _isChunkShown = false;
    }

    /// <summary>The script goes on outside of the stream's callbacks, and if it does not stop again, the message with it.</summary>
    private void GoOn(int arguments)
    {
        Trailers = _haveTrailersCome ? Stream.KeptTrailers(isRequest) : null;
        Go(arguments);
        if (_wait == LuaWait.BodyChunk && HasUnseenBody)
        {
            ShowChunk(_held.Written);
            (_held, _chunk) = (_chunk, _held);
        }

        if (IsHolding(out _))
            return;
        ReleaseHeld(endStream: HasEnded && !_haveTrailersCome);
        if (isRequest)
            Stream.ContinueRequest(filter);
        else
            Stream.ContinueResponse(filter);
    }

    /// <summary>The head goes on, and behind it what was kept of the body.</summary>
    private void ReleaseHeld(bool endStream)
    {
        var isFirst = !_isHeadPassed;
        _isHeadPassed = true;
        if (!isFirst || _held.Length == 0)
            return;
        if (isRequest)
            Stream.InjectRequestData(filter, _held.Written, endStream);
        else
            Stream.InjectResponseData(filter, _held.Written, endStream);
        _held.Clear();
    }

    private static ByteWriter Emptied(ByteWriter writer)
    {
        if (writer.Length > KeptBufferBytes)
            return new ByteWriter(0);
        writer.Clear();
        return writer;
    }
}
