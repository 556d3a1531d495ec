namespace Weft.Base.Logging;

/// <summary>Terminal colours of the levels.</summary>
internal static class LogColours
{
    public static ReadOnlySpan<byte> End => "\u001b[0m"u8;

    public static ReadOnlySpan<byte> Start(LogLevel level) => level switch
    {
        LogLevel.Trace => "\u001b[2m"u8,
        LogLevel.Debug => "\u001b[36m"u8,
        LogLevel.Info => "\u001b[32m"u8,
        LogLevel.Warning => "\u001b[33;1m"u8,
        LogLevel.Error => "\u001b[31;1m"u8,
        _ => "\u001b[41;1m"u8,
    };
}
