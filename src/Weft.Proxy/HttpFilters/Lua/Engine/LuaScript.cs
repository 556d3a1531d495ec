using Weft.Base;
using Weft.Base.Logging;

namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>A script as configured, and its state on each worker, made when a stream there first needs it. Any thread.</summary>
internal sealed class LuaScript
{
    private static readonly Logger s_log = Logger.Get("lua");

    private readonly byte[] _code;
    private readonly PerThread<Slot> _states = new(static () => new Slot());

    private LuaScript(byte[] code) => _code = code;

    private sealed class Slot
    {
        public LuaState? State;
        public bool IsBroken;
    }

    /// <summary>This thread's state; null when the script, which could be loaded with the configuration, can be no more (it is logged once).</summary>
    public LuaState? State
    {
        get
        {
            var slot = _states.Value;
            return slot.State is { IsFull: false } state ? state : Renew(slot);
        }
    }

    /// <summary>Loads the script once to see whether it can be; null, and why, when not. Main thread.</summary>
    public static LuaScript? Create(ReadOnlySpan<byte> source, out string fault)
    {
        if (!LuaLibrary.IsAvailable)
        {
            fault = LuaLibrary.MissingText;
            return null;
        }

        var nul = source.IndexOf((byte)0);
        var script = new LuaScript([.. nul < 0 ? source : source[..nul], 0]);
        if (LuaState.Load(script._code, out var error) is not { } state)
        {
            fault = $"script load error: {error}";
            return null;
        }

        if (!state.HandlesRequests)
            s_log.Info("envoy_on_request() function not found. Lua filter will not hook requests.");
        if (!state.HandlesResponses)
            s_log.Info("envoy_on_response() function not found. Lua filter will not hook responses.");
        fault = "";
        return script;
    }

    private LuaState? Renew(Slot slot)
    {
        if (slot.IsBroken)
            return null;
        if (slot.State is not null)
            s_log.Warning("a script keeps too much memory in its global variables: it begins anew, without them");
        slot.State = LuaState.Load(_code, out var error);
        slot.IsBroken = slot.State is null;
        if (slot.IsBroken)
            s_log.Error($"script load error: {error}");
        return slot.State;
    }
}
