using Weft.Base.Logging;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/logging</c>: lists the levels of all loggers; sets one (<c>?http=debug</c>), several (<c>?paths=a:debug,b:info</c>) or all (<c>?level=debug</c>).</summary>
internal sealed class LoggingEndpoint : AdminEndpoint
{
    private static readonly Logger Log = Logger.Get("admin");

    private readonly LogRegistry _logs;

    public LoggingEndpoint(LogRegistry logs)
        : base("/logging", "query/change logging levels")
    {
        _logs = logs;
        Mutates = true;
        Parameters =
        [
            new("paths", "Change multiple logging levels by setting to <logger_name1>:<desired_level1>,<logger_name2>:<desired_level2>. If fine grain logging is enabled, use __FILE__ or a glob experision as the logger name. For example, source/common*:warning"),
            new("level", "desired logging level, this will change all loggers's level", ["", .. LogLevels.All]),
        ];
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        if (Change(request.Query) is { } fault)
        {
            response.Answer(400, $"error: {fault}\n\n");
            response.Body.Write("usage: /logging?<name>=<level> (change single level)\n");
            response.Body.Write("usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\n");
            response.Body.Write("usage: /logging?level=<level> (change all levels)\n");
            response.Body.Write($"levels: {string.Join(' ', LogLevels.All)} \n");
        }
        response.Body.Write("active loggers:\n");
        foreach (var logger in _logs.Loggers)
            response.Body.Write($"  {logger.Name}: {LogLevels.Name(logger.Level)}\n");
        response.Body.Write((byte)'\n');
    }

    /// <summary>Null when done; else what is wrong, and nothing was changed.</summary>
    private string? Change(QueryParameters query)
    {
        // The home page always sends both fields, blank or not.
        var wanted = query.All.Where(pair => pair.Value.Length > 0 || pair.Key is not ("level" or "paths")).ToList();
        return wanted switch
        {
            [] => null,
            [("level", var level)] => ChangeAll(level),
            [("paths", var paths)] => ChangeEach(Pairs(paths)),
            [var (name, level)] => ChangeEach([(name, level)]),
            _ => "invalid number of parameters",
        };
    }

    private string? ChangeAll(string text)
    {
        if (!LogLevels.TryParse(text, out var level))
            return "unknown logger level";
        Log.Info($"change all log levels: level='{LogLevels.Name(level)}'");
        _logs.SetLevel(level);
        return null;
    }

    private static List<(string Name, string Level)> Pairs(string paths)
    {
        var pairs = new List<(string, string)>();
        foreach (var part in paths.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            pairs.Add(colon < 0 ? (part, "") : (part[..colon].Trim(), part[(colon + 1)..].Trim()));
        }
        return pairs;
    }

    private string? ChangeEach(List<(string Name, string Level)> changes)
    {
        var resolved = new List<(Logger Logger, LogLevel Level)>();
        foreach (var (name, text) in changes)
        {
            if (name.Length == 0 || text.Length == 0)
                return "empty logger name or empty logger level";
            if (!LogLevels.TryParse(text, out var level))
                return "unknown logger level";
            if (_logs.Find(name) is not { } logger)
                return "unknown logger name";
            resolved.Add((logger, level));
        }
        foreach (var (logger, level) in resolved)
        {
            Log.Info($"change log level: name='{logger.Name}' level='{LogLevels.Name(level)}'");
            logger.Level = level;
        }
        return null;
    }
}
