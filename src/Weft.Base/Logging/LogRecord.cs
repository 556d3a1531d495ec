namespace Weft.Base.Logging;

/// <summary>One message and where it came from.</summary>
/// <param name="Time">Local time with its offset from UTC.</param>
/// <param name="File">Source file, name only.</param>
/// <param name="ThreadId">The kernel's thread id.</param>
public readonly record struct LogRecord(DateTimeOffset Time, LogLevel Level, string Component, string Message, string File, int Line, int ThreadId);
