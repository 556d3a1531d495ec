namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>The types of Lua's values, under Lua's numbers.</summary>
internal enum LuaKind
{
    None = -1,
    Nil = 0,
    Boolean = 1,
    LightUserData = 2,
    Number = 3,
    String = 4,
    Table = 5,
    Function = 6,
    UserData = 7,
    Thread = 8,
}
