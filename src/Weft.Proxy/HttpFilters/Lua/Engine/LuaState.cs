using System.Runtime.CompilerServices;
using Weft.Proxy.HttpFilters.Lua.Host;
using static Weft.Proxy.HttpFilters.Lua.Engine.LuaLibrary;

namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>How a run of a coroutine ended.</summary>
internal enum LuaOutcome : byte { Finished, Yielded, Failed }

/// <summary>
/// One lua_State: a script, loaded, on one worker. Coroutines that finished are used again. Host functions find the state at hand by thread, and in it the
/// stream whose coroutine runs (<see cref="Current"/>).
/// </summary>
internal sealed unsafe class LuaState
{
    private const int MaxKeptThreads = 64;

    [ThreadStatic]
    private static LuaState? t_current;

    private readonly LuaHandle _handle = LuaHandle.Open();
    private readonly Stack<LuaThread> _free = new();
    private int _starter;
    private int _onRequest;
    private int _onResponse;
    private int _ticks;
    private nuint _stackStart;
    private bool _hasCutShort;
    private long _lastRunId;

    private LuaState()
    {
    }

    /// <summary>The state whose script runs on this thread; null while none does.</summary>
    public static LuaState? Running => t_current;

    /// <summary>The stream whose coroutine runs; null while the script is loaded.</summary>
    public LuaRun? Current { get; private set; }

    /// <summary>Calls of this script that nobody waits for.</summary>
    public BackgroundCalls BackgroundCalls { get; } = new();

    /// <summary>Keys that the script has imported.</summary>
    public ImportedKeys Keys { get; } = new();

    public bool HandlesRequests => _onRequest != 0;

    public bool HandlesResponses => _onResponse != 0;

    /// <summary>What the script keeps is more than it may: the next stream should find a fresh state.</summary>
    public bool IsFull { get; private set; }

    private nint Main => _handle.State;

    /// <summary>Loads a script, which runs its outermost statements; null, and why, when it has faults.</summary>
    /// <param name="code">Ends with a NUL, which does not belong to it.</param>
    /// <param name="fault">In Lua's words.</param>
    public static LuaState? Load(ReadOnlySpan<byte> code, out string fault)
    {
        var state = new LuaState();
        if (state._handle.IsInvalid)
        {
            fault = "not enough memory";
            return null;
        }

        luaL_openlibs(state.Main);
        fault = state.LoadPrelude() ?? state.LoadScript(code) ?? "";
        return fault.Length == 0 ? state : null;
    }

    /// <summary>A coroutine for one direction of a stream, with what it must be started with on its stack: 2 values.</summary>
    public LuaThread Begin(LuaRun run, bool isRequest)
    {
        run.Id = ++_lastRunId;
        if (!_free.TryPop(out var thread))
        {
            var state = lua_newthread(Main);
            thread = new LuaThread(state, luaL_ref(Main, RegistryIndex));
        }

        lua_rawgeti(thread.State, RegistryIndex, _starter);
        lua_rawgeti(thread.State, RegistryIndex, isRequest ? _onRequest : _onResponse);
        thread.Stack.Push(run.Id);
        return thread;
    }

    /// <summary>Runs a coroutine until it waits or ends.</summary>
    /// <param name="arguments">How many values on its stack it is given.</param>
    public LuaOutcome Resume(LuaRun run, LuaThread thread, int arguments)
    {
        var (outerState, outerRun) = (t_current, Current);
        (t_current, Current) = (this, run);
        RenewBudget();
        var status = lua_resume(thread.State, arguments);
        (t_current, Current) = (outerState, outerRun);
        CheckMemory();
        return status switch { Ok => LuaOutcome.Finished, Yielded => LuaOutcome.Yielded, _ => LuaOutcome.Failed };
    }

    /// <summary>Gives a coroutine back.</summary>
    /// <param name="isFinished">It has run to its end, so that it may be used again.</param>
    public void End(LuaThread thread, bool isFinished)
    {
        if (isFinished && _free.Count < MaxKeptThreads)
        {
            lua_settop(thread.State, 0);
            _free.Push(thread);
            return;
        }

        luaL_unref(Main, RegistryIndex, thread.Reference);
    }

    /// <summary>What is said about a coroutine that failed.</summary>
    public static string ErrorOf(LuaThread thread)
        => thread.Stack.KindAt(-1) == LuaKind.String ? thread.Stack.TextAt(-1) : "unspecified lua error";

    /// <summary>So many instructions have run; null, or why that must end.</summary>
    public string? Tick()
    {
        if (++_ticks > LuaBudget.MaxTicks)
        {
            _hasCutShort = true;
            Current?.OnCutShort();
            return LuaBudget.TooLong;
        }

        var isTooDeep = _stackStart - StackPointer() > LuaBudget.MaxStackBytes;
        var isTooLarge = lua_gc(Main, GcCountKilobytes, 0) > LuaBudget.MaxKilobytes;
        _hasCutShort |= isTooDeep || isTooLarge;
        return isTooDeep ? LuaBudget.TooDeep : isTooLarge ? LuaBudget.TooLarge : null;
    }

    /// <summary>About where the thread's stack, which grows downwards, ends now.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nuint StackPointer()
    {
        byte here;
        return (nuint)(&here);
    }

    private string? LoadPrelude()
    {
        var stack = new LuaStack(Main);
        HostFunctions.Push(Main);
        stack.Push(LuaBudget.InstructionsPerTick);
        stack.Push(LuaBudget.MaxRepeatedBytes);
        var fault = RunPrelude(LuaPrelude.Limits, arguments: 3, results: 0) ?? RunPrelude(LuaPrelude.Objects, arguments: 1, results: 1);
        if (fault is not null)
            return fault;
        _starter = luaL_ref(Main, RegistryIndex);
        lua_settop(Main, 0);
        return null;
    }

    /// <summary>Runs a part of the prelude with copies of the lowest values on the stack.</summary>
    private string? RunPrelude(byte[] part, int arguments, int results)
    {
        fixed (byte* code = part)
        fixed (byte* name = "=weft\0"u8)
        {
            if (luaL_loadbuffer(Main, code, (nuint)part.Length, name) != Ok)
                return ErrorOfMain();
        }

        for (var i = 1; i <= arguments; i++)
            lua_pushvalue(Main, i);
        return lua_pcall(Main, arguments, results, 0) == Ok ? null : ErrorOfMain();
    }

    private string? LoadScript(ReadOnlySpan<byte> code)
    {
        fixed (byte* start = code)
        {
            // Its own text is its name, as in Envoy: errors show the first line.
            if (luaL_loadbuffer(Main, start, (nuint)(code.Length - 1), start) != Ok)
                return ErrorOfMain();
        }

        var outer = t_current;
        t_current = this;
        RenewBudget();
        var status = lua_pcall(Main, 0, 0, 0);
        t_current = outer;
        if (status != Ok)
            return ErrorOfMain();
        _onRequest = FunctionNamed("envoy_on_request"u8);
        _onResponse = FunctionNamed("envoy_on_response"u8);
        lua_settop(Main, 0);
        return null;
    }

    /// <summary>A place in the registry; 0 when there is no such function.</summary>
    private int FunctionNamed(ReadOnlySpan<byte> name)
    {
        var stack = new LuaStack(Main);
        stack.Push(name);
        lua_rawget(Main, GlobalsIndex);
        if (stack.KindAt(-1) == LuaKind.Function)
            return luaL_ref(Main, RegistryIndex);
        stack.Pop();
        return 0;
    }

    private string ErrorOfMain() => ErrorOf(new LuaThread(Main, 0));

    private void RenewBudget()
    {
        _ticks = 0;
        _stackStart = StackPointer();
        if (!_hasCutShort)
            return;
        // The hook of the script that was cut short runs at every instruction.
        _hasCutShort = false;
        _ = lua_sethook(Main, lua_gethook(Main), HookCount, LuaBudget.InstructionsPerTick);
    }

    private void CheckMemory()
    {
        if (lua_gc(Main, GcCountKilobytes, 0) <= LuaBudget.MaxKilobytes)
            return;
        _ = lua_gc(Main, GcCollect, 0);
        IsFull = lua_gc(Main, GcCountKilobytes, 0) > LuaBudget.MaxKilobytes / 2;
    }
}
