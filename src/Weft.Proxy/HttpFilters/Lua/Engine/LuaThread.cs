namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>A coroutine, kept alive by the registry; the default value is none.</summary>
/// <param name="State">Its lua_State.</param>
/// <param name="Reference">Its place in the registry.</param>
internal readonly record struct LuaThread(nint State, int Reference)
{
    public bool IsNone => State == 0;

    public LuaStack Stack => new(State);
}
