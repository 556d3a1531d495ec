using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>Public keys and signatures.</summary>
internal static class KeyFunctions
{
    /// <summary>Stream, key in DER form. Gives 1; nothing when it is none.</summary>
    public static int Import(LuaRun run, LuaStack stack) => run.State.Keys.Get(stack.BytesAt(2)) is null ? stack.Nothing() : stack.Give(1);

    /// <summary>Stream, hash function, key, signature, text. Gives true, and why the signature is none of that key's.</summary>
    public static int Verify(LuaRun run, LuaStack stack)
    {
        if (run.State.Keys.Get(stack.BytesAt(3)) is not { } key)
            return stack.Refuse("invalid public key");
        stack.Push(true);
        if (key.Check(stack.TextAt(2), stack.BytesAt(4), stack.BytesAt(5)) is not { } fault)
            return 1;
        stack.Push(fault);
        return 2;
    }
}
