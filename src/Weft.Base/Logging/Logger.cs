using System.Runtime.CompilerServices;

namespace Weft.Base.Logging;

/// <summary>
/// The process's own log, by component (<c>main</c>, <c>config</c>, <c>upstream</c>, <c>http</c>, <c>connection</c>, <c>router</c>, <c>admin</c>, <c>dns</c> ...).
/// Any thread. Not for requests: a message is built only when its level is on, so guard with <see cref="IsEnabled"/> where building one costs.
/// </summary>
public sealed class Logger
{
    private readonly LogRegistry _registry;
    private volatile LogLevel _level;

    internal Logger(LogRegistry registry, string name, LogLevel level)
    {
        _registry = registry;
        Name = name;
        _level = level;
    }

    /// <summary>The logger of a component; the same object for the same name.</summary>
    public static Logger Get(string component) => LogRegistry.Process.Get(component);

    /// <summary>The component.</summary>
    public string Name { get; }

    /// <summary>Messages below this level are dropped; default info.</summary>
    public LogLevel Level { get => _level; set => _level = value; }

    public bool IsEnabled(LogLevel level) => level >= _level && level != LogLevel.Off;

    /// <summary>Writes one message; the source position is filled in by the compiler.</summary>
    public void Log(LogLevel level, string message, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (IsEnabled(level))
            _registry.Write(new LogRecord(DateTimeOffset.Now, level, Name, message, Path.GetFileName(file), line, LogThread.Id));
    }

    public void Trace(string message, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Log(LogLevel.Trace, message, file, line);

    public void Debug(string message, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Log(LogLevel.Debug, message, file, line);

    public void Info(string message, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Log(LogLevel.Info, message, file, line);

    public void Warning(string message, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Log(LogLevel.Warning, message, file, line);

    public void Error(string message, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Log(LogLevel.Error, message, file, line);

    public void Critical(string message, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Log(LogLevel.Critical, message, file, line);
}
