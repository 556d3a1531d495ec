using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.HttpFilters.Lua.Engine;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Lua;

/// <content>The script's side: what host functions see of the stream, and the coroutine.</content>
internal sealed partial class LuaRun
{
    /// <summary>Of the run, among all runs of its state: objects of the script carry it.</summary>
    public long Id { get; set; }

    public bool IsRequest => isRequest;

    /// <summary>While there is a run.</summary>
    public LuaState State => _state!;

    public Worker Worker => filter.Worker;

    public IHttpStream Stream => filter.Stream;

    /// <summary>As configured: the namespace of metadata for the script.</summary>
    public string FilterName => filter.Factory.Name;

    /// <summary>What the route says to the script; null when nothing.</summary>
    public Struct? FilterContext => filter.FilterContext;

    /// <summary>Room for host functions, until the next call of one.</summary>
    public ByteWriter Scratch => filter.Scratch;

    public HeaderMap Head => _head;

    /// <summary>Null when there are none, or none yet.</summary>
    public HeaderMap? Trailers { get; private set; }

    public bool CanChangeHead => !_isHeadPassed;

    /// <summary>The end of the message has come.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The script was shown pieces of the body, or they passed it.</summary>
    public bool HasStreamedBody { get; private set; }

    /// <summary>The script has all of the body.</summary>
    public bool HasBody { get; private set; }

    /// <summary>Body came while the script waited for something else before it asked for any.</summary>
    public bool HasUnseenBody => _held.Length > 0 && !HasBody && !HasStreamedBody;

    /// <summary>Host functions: the script stops, to go on with this.</summary>
    public void WaitFor(LuaWait wait) => _wait = wait;

    /// <summary>Host functions: the script will change the head.</summary>
    public void OnHeadChanging()
    {
        if (isRequest && filter.Factory.ClearsRouteCache)
            Stream.ClearRouteCache();
    }

    /// <summary>Host functions: the end has come; whether the script gets a body.</summary>
    /// <param name="evenEmpty">One that was never sent, too.</param>
    public bool TakeBody(bool evenEmpty)
    {
        HasBody |= _hasBodyFrames || evenEmpty;
        return HasBody;
    }

    /// <summary>Host functions: the whole body (number 0) or the chunk of that number; null when the script can no longer have it.</summary>
    public ByteWriter? BufferOf(int number)
    {
        if (number == 0)
            return HasBody ? _held : null;
        return _isChunkShown && number == _chunkNumber ? _chunk : null;
    }

    /// <summary>The script has used up its instructions.</summary>
    public void OnCutShort() => _wasCutShort = true;

    /// <summary>Runs the script until it waits for something that has not come, has answered, or is over.</summary>
    private void Go(int arguments)
    {
        while (true)
        {
            _wait = LuaWait.None;
            var outcome = _state!.Resume(this, _thread, arguments);
            if (outcome != LuaOutcome.Yielded || _wait == LuaWait.None)
            {
                End(outcome);
                return;
            }

            if (_wait == LuaWait.Call && TrySendCall())
                arguments = AnswerValues;
            else if (_wait == LuaWait.BackgroundCall)
                arguments = SendInBackground();
            else
                return;
        }
    }

    private void End(LuaOutcome outcome)
    {
        if (_wasCutShort)
            filter.Factory.Stats.CutShort.Inc();
        _wasCutShort = false;
        if (outcome != LuaOutcome.Finished)
            filter.OnScriptError(outcome == LuaOutcome.Yielded ? "script performed an unexpected yield" : LuaState.ErrorOf(_thread));
        EndThread(outcome == LuaOutcome.Finished);
    }

    private void EndThread(bool isFinished)
    {
        _wait = LuaWait.None;
        if (!_thread.IsNone)
            _state!.End(_thread, isFinished);
        _thread = default;
    }
}
