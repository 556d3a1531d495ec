namespace Weft.Base.Logging;

/// <summary>Envoy's log levels, least important first.</summary>
public enum LogLevel : byte { Trace, Debug, Info, Warning, Error, Critical, Off }

/// <summary>
/// The process's own log, by component (<c>main</c>, <c>config</c>, <c>upstream</c>, <c>http</c>, <c>connection</c>, <c>router</c>, <c>admin</c>, <c>dns</c> ...).
/// Any thread. Not for requests: a message is built only when its level is on, so guard with <see cref="IsEnabled"/> where building one costs.
/// </summary>
public sealed class Logger
{
    /// <summary>The logger of a component; the same object for the same name.</summary>
    public static Logger Get(string component) => throw new NotImplementedException();

    public LogLevel Level { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    public bool IsEnabled(LogLevel level) => throw new NotImplementedException();

    public void Log(LogLevel level, string message) => throw new NotImplementedException();

    public void Debug(string message) => Log(LogLevel.Debug, message);

    public void Info(string message) => Log(LogLevel.Info, message);

    public void Warning(string message) => Log(LogLevel.Warning, message);

    public void Error(string message) => Log(LogLevel.Error, message);

    public void Critical(string message) => Log(LogLevel.Critical, message);
}
