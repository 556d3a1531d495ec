using System.Runtime.InteropServices;

namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>
/// LuaJIT (Lua 5.1) of the system, loaded when a configuration first asks for it. A state belongs to one thread at a time. Only functions that raise
/// no Lua error but that of exhausted memory may be called outside <see cref="lua_pcall"/> and <see cref="lua_resume"/>: an error must never unwind
/// managed frames.
/// </summary>
internal static unsafe partial class LuaLibrary
{
    public const int Ok = 0;
    public const int Yielded = 1;

    public const int RegistryIndex = -10000;
    public const int GlobalsIndex = -10002;
    public const int FirstUpvalueIndex = GlobalsIndex - 1;

    public const int HookCount = 8;
    public const int GcCollect = 2;
    public const int GcCountKilobytes = 3;

    /// <summary>What to tell who configured Lua without it.</summary>
    public const string MissingText = $"Lua is not available: it needs LuaJIT ({Library}), which is not installed (Debian: apt-get install libluajit-5.1-2)";

    private const string Library = "libluajit-5.1.so.2";

    private static readonly Lazy<bool> s_isAvailable = new(static () => NativeLibrary.TryLoad(Library, typeof(LuaLibrary).Assembly, null, out _));

    /// <summary>The library can be used. Any thread.</summary>
    public static bool IsAvailable => s_isAvailable.Value;

    [LibraryImport(Library)]
    public static partial nint luaL_newstate();

    [LibraryImport(Library)]
    public static partial void luaL_openlibs(nint state);

    [LibraryImport(Library)]
    public static partial void lua_close(nint state);

    [LibraryImport(Library)]
    public static partial int luaL_loadbuffer(nint state, byte* code, nuint length, byte* name);

    [LibraryImport(Library)]
    public static partial int lua_pcall(nint state, int arguments, int results, int handler);

    [LibraryImport(Library)]
    public static partial int lua_resume(nint state, int arguments);

    [LibraryImport(Library)]
    public static partial nint lua_newthread(nint state);

    [LibraryImport(Library)]
    public static partial int luaL_ref(nint state, int table);

    [LibraryImport(Library)]
    public static partial void luaL_unref(nint state, int table, int reference);

    [LibraryImport(Library)]
    public static partial int lua_checkstack(nint state, int slots);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial int lua_gettop(nint state);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial int lua_type(nint state, int index);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial double lua_tonumber(nint state, int index);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial int lua_toboolean(nint state, int index);

    /// <summary>Only for what is a string: a number would be converted in its place.</summary>
    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial byte* lua_tolstring(nint state, int index, nuint* length);

    [LibraryImport(Library)]
    public static partial void lua_settop(nint state, int top);

    [LibraryImport(Library)]
    public static partial void lua_pushvalue(nint state, int index);

    [LibraryImport(Library)]
    public static partial void lua_pushnil(nint state);

    [LibraryImport(Library)]
    public static partial void lua_pushnumber(nint state, double value);

    [LibraryImport(Library)]
    public static partial void lua_pushboolean(nint state, int value);

    [LibraryImport(Library)]
    public static partial void lua_pushlstring(nint state, byte* text, nuint length);

    [LibraryImport(Library)]
    public static partial void lua_pushcclosure(nint state, delegate* unmanaged[Cdecl]<nint, int> function, int upvalues);

    [LibraryImport(Library)]
    public static partial void lua_createtable(nint state, int items, int fields);

    [LibraryImport(Library)]
    public static partial void lua_rawset(nint state, int index);

    [LibraryImport(Library)]
    public static partial void lua_rawget(nint state, int index);

    [LibraryImport(Library)]
    public static partial void lua_rawseti(nint state, int index, int item);

    [LibraryImport(Library)]
    public static partial void lua_rawgeti(nint state, int index, int item);

    /// <summary>Raises nothing as long as the table is not changed on the way.</summary>
    [LibraryImport(Library)]
    public static partial int lua_next(nint state, int index);

    [LibraryImport(Library)]
    public static partial int lua_gc(nint state, int what, int data);

    [LibraryImport(Library)]
    public static partial nint lua_gethook(nint state);

    [LibraryImport(Library)]
    public static partial int lua_sethook(nint state, nint hook, int mask, int count);
}
