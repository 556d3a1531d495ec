using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.Tests.HttpFilters.Lua;

/// <summary>A test that needs LuaJIT; skipped, with the package's name, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LuaFactAttribute : FactAttribute
{
    public LuaFactAttribute() => Skip = LuaLibrary.IsAvailable ? null : LuaLibrary.MissingText;
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LuaTheoryAttribute : TheoryAttribute
{
    public LuaTheoryAttribute() => Skip = LuaLibrary.IsAvailable ? null : LuaLibrary.MissingText;
}
