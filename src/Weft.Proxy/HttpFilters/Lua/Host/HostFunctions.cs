using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weft.Proxy.HttpFilters.Lua.Engine;
using static Weft.Proxy.HttpFilters.Lua.Engine.LuaLibrary;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>What the prelude asks of the proxy for a stream.</summary>
/// <param name="run">Whose script asks.</param>
/// <param name="stack">The arguments: the first is the number of the stream that the script's object belongs to.</param>
/// <returns>How many values were pushed.</returns>
internal delegate int HostFunction(LuaRun run, LuaStack stack);

/// <summary>
/// The functions that the prelude is given. Lua calls all of them through one entry, with their place in the table as upvalue; neither an exception nor
/// an error of Lua's may cross it.
/// </summary>
internal static unsafe class HostFunctions
{
    private const string OutOfScope = "object used outside of proper scope";

    private static readonly (string Name, HostFunction Function)[] s_functions =
    [
        ("get", HeaderFunctions.Get),
        ("get_at", HeaderFunctions.GetAt),
        ("count", HeaderFunctions.Count),
        ("all", HeaderFunctions.All),
        ("add", HeaderFunctions.Add),
        ("replace", HeaderFunctions.Replace),
        ("remove", HeaderFunctions.Remove),
        ("set_reason", HeaderFunctions.SetReason),
        ("body", BodyFunctions.Body),
        ("begin_chunks", BodyFunctions.BeginChunks),
        ("next_chunk", BodyFunctions.NextChunk),
        ("trailers", BodyFunctions.Trailers),
        ("length", BodyFunctions.Length),
        ("get_bytes", BodyFunctions.GetBytes),
        ("set_bytes", BodyFunctions.SetBytes),
        ("call", CallFunctions.Call),
        ("respond", CallFunctions.Respond),
        ("metadata", MetadataFunctions.Get),
        ("all_metadata", MetadataFunctions.All),
        ("dynamic", MetadataFunctions.GetDynamic),
        ("all_dynamic", MetadataFunctions.AllDynamic),
        ("set_dynamic", MetadataFunctions.SetDynamic),
        ("filter_state", MetadataFunctions.GetFilterState),
        ("info", StreamFunctions.Info),
        ("clear_route", StreamFunctions.ClearRoute),
        ("override_host", StreamFunctions.OverrideHost),
        ("log", StreamFunctions.Log),
        ("base64", StreamFunctions.Base64),
        ("microseconds", StreamFunctions.Microseconds),
        ("tls", TlsFunctions.Get),
        ("import_key", KeyFunctions.Import),
        ("verify", KeyFunctions.Verify),
    ];

    /// <summary>Pushes a table of all of them.</summary>
    public static void Push(nint state)
    {
        var stack = new LuaStack(state);
        stack.PushTable(0, s_functions.Length + 1);
        for (var i = 0; i < s_functions.Length; i++)
        {
            stack.Push(s_functions[i].Name);
            stack.Push(i);
            lua_pushcclosure(state, &Enter, 1);
            stack.SetField();
        }

        stack.Push("tick"u8);
        lua_pushcclosure(state, &Tick, 0);
        stack.SetField();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Enter(nint state)
    {
        var stack = new LuaStack(state);
        try
        {
            // An object that was kept in a global variable may be of a stream that is gone, or of another one.
            if (LuaState.Running?.Current is not { } run || run.Id != stack.NumberAt(1))
                return stack.Refuse(OutOfScope);
            return s_functions[stack.IntegerAt(FirstUpvalueIndex)].Function(run, stack);
        }
        catch (Exception error)
        {
            return stack.Refuse($"internal error: {error.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Tick(nint state)
    {
        if (LuaState.Running?.Tick() is not { } ended)
            return 0;
        new LuaStack(state).Push(ended);
        return 1;
    }
}
