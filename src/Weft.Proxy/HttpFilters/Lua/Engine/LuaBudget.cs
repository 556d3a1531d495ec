namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>What a script may use. Instructions are counted by a hook that only the interpreter calls, which is why nothing is compiled to machine code.</summary>
internal static class LuaBudget
{
    /// <summary>Between two looks at what was used: so few that the stack cannot be filled meanwhile.</summary>
    public const int InstructionsPerTick = 500;

    /// <summary>From one event of a stream to the next thing the script waits for; about a second, during which the worker does nothing else.</summary>
    public const int MaxTicks = 200_000;

    /// <summary>Of one state (a script on a worker), looked at every tick and after every event.</summary>
    public const int MaxKilobytes = 64 * 1024;

    /// <summary>Of the thread's stack, for calls of Lua in functions of its library in calls of Lua ..., which LuaJIT does not count.</summary>
    public const int MaxStackBytes = 512 * 1024;

    /// <summary>Of one string that string.rep makes, which no tick interrupts.</summary>
    public const int MaxRepeatedBytes = 32 * 1024 * 1024;

    public static readonly string TooLong = $"script ran for more than {(long)InstructionsPerTick * MaxTicks} instructions without waiting";

    public const string TooDeep = "C stack overflow";

    public static readonly string TooLarge = $"script uses more than {MaxKilobytes / 1024} MB of memory";
}
