namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>What every state runs before its script. Any thread.</summary>
internal static class LuaPrelude
{
    private static readonly Lazy<byte[]> s_limits = new(static () => Read("Limits.lua"));
    private static readonly Lazy<byte[]> s_objects = new(static () => Read("Prelude.lua"));

    /// <summary>Takes the host's functions, the instructions between two ticks, the length of the longest text that may be made at once.</summary>
    public static byte[] Limits => s_limits.Value;

    /// <summary>The Lua half of what scripts see of the proxy: takes the host's functions, gives the function that coroutines begin with.</summary>
    public static byte[] Objects => s_objects.Value;

    private static byte[] Read(string name)
    {
        using var stream = typeof(LuaPrelude).Assembly.GetManifestResourceStream("lua/" + name)!;
        var code = new byte[stream.Length];
        stream.ReadExactly(code);
        return code;
    }
}
