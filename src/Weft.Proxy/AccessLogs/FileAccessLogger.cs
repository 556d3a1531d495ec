using Weft.Base.Buffers;
using Weft.Proxy.AccessLogs.Filters;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.AccessLogs;

/// <summary>Formats a line and hands it to a file.</summary>
internal sealed class FileAccessLogger(AccessLogFilter? filter, SubstitutionFormat format, AccessLogFile file) : AccessLogger
{
    [ThreadStatic]
    private static ByteWriter? t_line;

    public override void Log(in FormatContext context)
    {
        if (filter is not null && !filter.Passes(context))
            return;
        var line = t_line ??= new ByteWriter(1024);
        line.Clear();
        format.FormatLine(context, line);
        if (line.Length > 0)
            file.Write(line.Written);
    }
}
