using System.Runtime.InteropServices;

namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>Closes a lua_State when nobody can reach it any more, wherever its configuration ended.</summary>
internal sealed class LuaHandle : SafeHandle
{
    private LuaHandle(nint state)
        : base(0, ownsHandle: true) => SetHandle(state);

    public override bool IsInvalid => handle == 0;

    public nint State => handle;

    /// <summary>A new state; invalid when there is no memory for it.</summary>
    public static LuaHandle Open() => new(LuaLibrary.luaL_newstate());

    protected override bool ReleaseHandle()
    {
        LuaLibrary.lua_close(handle);
        return true;
    }
}
