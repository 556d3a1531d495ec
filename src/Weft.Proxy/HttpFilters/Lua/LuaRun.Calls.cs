using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.HttpFilters.Lua;

/// <content>What the script has others do: calls of other servers, and an answer of its own.</content>
internal sealed partial class LuaRun : IClusterCallHandler
{
    /// <summary>A longer answer is none: a script gets it in one piece.</summary>
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    /// <summary>What a script is given for an answer: headers and body.</summary>
    private const int AnswerValues = 2;

    private ClusterCall? _ownCall;
    private ClusterCall? _call;
    private WorkerCluster? _cluster;
    private long _timeoutMs;
    private bool _repeatsAsLists;
    private bool _isSending;

    /// <summary>The headers of the script's answer.</summary>
    public HeaderMap ReplyHeaders => Stream.LocalReplyHeaders;

    /// <summary>The body of the script's answer.</summary>
    public ByteWriter ReplyBody { get; private set; } = new(0);

    /// <summary>Host functions: the call that the script waits for, to be filled.</summary>
    public ClusterCall OwnCall() => _ownCall ??= new ClusterCall(Worker, this) { MaxResponseBytes = MaxAnswerBytes + 1 };

    /// <summary>Host functions: the cluster of that name; null when there is none.</summary>
    public WorkerCluster? FindCluster(ReadOnlySpan<byte> name)
        => filter.Factory.Clusters.Find(name) is { } reference ? Worker.Clusters.Find(reference) : null;

    /// <summary>Host functions: the script stops, to go on with the answer to a call, or when it is under way.</summary>
    public void WaitForCall(ClusterCall call, WorkerCluster cluster, long timeoutMs, bool isBackground, bool repeatsAsLists)
    {
        (_call, _cluster, _timeoutMs, _repeatsAsLists) = (call, cluster, timeoutMs, repeatsAsLists);
        _wait = isBackground ? LuaWait.BackgroundCall : LuaWait.Call;
    }

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        PushAnswer(call, call.ResponseBody.Length > MaxAnswerBytes ? 0 : status);
        if (_isSending)
        {
            _wait = LuaWait.None;
            return;
        }

        // What comes at once when the source goes on is still held.
        _pause.Unpause(Stream);
        if (!_thread.IsNone)
            GoOn(AnswerValues);
    }

    /// <summary>Sends the call that the script waits for; true when its answer is there already.</summary>
    private bool TrySendCall()
    {
        _isSending = true;
        _call!.Send(_cluster!, _timeoutMs);
        _isSending = false;
        return _wait == LuaWait.None;
    }

    private int SendInBackground()
    {
        _call!.Send(_cluster!, _timeoutMs);
        return 0;
    }

    private void CancelCall()
    {
        _ownCall?.Cancel();
        (_call, _cluster) = (null, null);
    }

    /// <summary>Without an answer the script gets one of ours, as in Envoy.</summary>
    private void PushAnswer(ClusterCall call, int status)
    {
        var stack = _thread.Stack;
        if (status == 0)
        {
            stack.PushTable(0, 1);
            stack.Push(":status"u8);
            stack.Push("503"u8);
            stack.SetField();
            stack.Push("upstream failure"u8);
            return;
        }

        PushHeaders(call.ResponseHeaders);
        if (call.ResponseBody.IsEmpty)
            stack.PushNil();
        else
            stack.Push(call.ResponseBody);
    }

    private void PushHeaders(HeaderMap headers)
    {
        var stack = _thread.Stack;
        stack.PushTable(0, headers.Count);
        for (var i = 0; i < headers.Count; i++)
        {
            var name = headers.NameAt(i);
            var isRepeated = _repeatsAsLists && headers.IndexOf(name, headers.IndexOf(name) + 1) >= 0;
            if (isRepeated && headers.IndexOf(name) != i)
                continue;
            stack.Push(name);
            if (isRepeated)
                PushValues(headers, name, i);
            else
                stack.Push(headers.ValueAt(i));
            stack.SetField();
        }
    }

    private void PushValues(HeaderMap headers, ReadOnlySpan<byte> name, int first)
    {
        var stack = _thread.Stack;
        stack.PushTable(2, 0);
        var item = 0;
        for (var at = first; at >= 0; at = headers.IndexOf(name, at + 1))
        {
            stack.Push(headers.ValueAt(at));
            stack.SetItem(++item);
        }
    }

    /// <summary>The script ends with it; the stream may, too.</summary>
    private void SendReply()
    {
        EndThread(isFinished: false);
        // The path may have answered meanwhile (413).
        if (Stream.ResponseHeaders is null)
            Stream.SendLocalReply(ReplyHeaders.Status, ReplyBody.Written, "lua_response");
    }
}
