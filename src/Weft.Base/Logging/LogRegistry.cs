using Weft.Base.Buffers;

namespace Weft.Base.Logging;

/// <summary>All loggers of a process, their common format and output. Any thread.</summary>
public sealed class LogRegistry
{
    [ThreadStatic]
    private static ByteWriter? _line;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Logger> _loggers = new(StringComparer.Ordinal);
    private LogLevel _defaultLevel = LogLevel.Info;
    private volatile LogPattern _pattern = LogPattern.Parse(LogPattern.Default);
    private volatile LogOutput _output;

    /// <summary>A registry of its own, for tests; the process uses <see cref="Process"/>.</summary>
    public LogRegistry(LogOutput output)
    {
        _output = output;
        foreach (var name in LogComponents.Known)
            _loggers.Add(name, new Logger(this, name, _defaultLevel));
    }

    /// <summary>What <see cref="Logger.Get"/> uses; writes to stderr until told otherwise.</summary>
    public static LogRegistry Process { get; } = new(LogOutput.Stderr());

    /// <summary>The format of every line; default Envoy's.</summary>
    public LogPattern Pattern { get => _pattern; set => _pattern = value; }

    /// <summary>Where lines go. The former output is closed.</summary>
    public LogOutput Output
    {
        get => _output;
        set
        {
            var former = _output;
            _output = value;
            if (!ReferenceEquals(former, value))
                former.Dispose();
        }
    }

    /// <summary>Writes control characters of messages as escapes, so that a message is always one line (--log-format-escaped).</summary>
    public bool EscapeMessages { get; set; }

    /// <summary>All loggers, by name.</summary>
    public IReadOnlyList<Logger> Loggers
    {
        get
        {
            lock (_lock)
                return [.. _loggers.Values];
        }
    }

    /// <summary>The logger of a component, made on the first request for it.</summary>
    public Logger Get(string component)
    {
        lock (_lock)
        {
            if (!_loggers.TryGetValue(component, out var logger))
                _loggers.Add(component, logger = new Logger(this, component, _defaultLevel));
            return logger;
        }
    }

    /// <summary>The logger of a component, or null when there is none.</summary>
    public Logger? Find(string component)
    {
        lock (_lock)
            return _loggers.GetValueOrDefault(component);
    }

    /// <summary>Sets the level of every logger, present and future.</summary>
    public void SetLevel(LogLevel level)
    {
        lock (_lock)
        {
            _defaultLevel = level;
            foreach (var logger in _loggers.Values)
                logger.Level = level;
        }
    }

    internal void Write(in LogRecord record)
    {
        var line = _line ??= new ByteWriter(512);
        line.Clear();
        var output = _output;
        _pattern.Format(record, line, output.IsTerminal, EscapeMessages);
        line.Write((byte)'\n');
        output.Write(line.Written);
    }
}
