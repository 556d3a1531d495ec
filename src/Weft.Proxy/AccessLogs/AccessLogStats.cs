using Weft.Base.Stats;

namespace Weft.Proxy.AccessLogs;

/// <summary>The statistics <c>filesystem.*</c>, under Envoy's names; <c>write_dropped</c> is Weft's own.</summary>
internal sealed class AccessLogStats
{
    public AccessLogStats(StatsScope root)
    {
        var scope = root.Scope("filesystem.");
        WriteBuffered = scope.Counter("write_buffered");
        WriteCompleted = scope.Counter("write_completed");
        WriteFailed = scope.Counter("write_failed");
        WriteDropped = scope.Counter("write_dropped");
        FlushedByTimer = scope.Counter("flushed_by_timer");
        ReopenFailed = scope.Counter("reopen_failed");
        WriteTotalBuffered = scope.Gauge("write_total_buffered");
    }

    /// <summary>Lines taken over from requests.</summary>
    public Counter WriteBuffered { get; }

    /// <summary>Writes that the system took.</summary>
    public Counter WriteCompleted { get; }

    /// <summary>Writes that the system refused (a full disk, a closed pipe); their lines are lost.</summary>
    public Counter WriteFailed { get; }

    /// <summary>Lines that are lost: the system refused them, or there was no room because the file is written more slowly than they come.</summary>
    public Counter WriteDropped { get; }

    /// <summary>Flushes because time was up, not because a chunk was full.</summary>
    public Counter FlushedByTimer { get; }

    /// <summary>Reopenings that failed; the old file is written on.</summary>
    public Counter ReopenFailed { get; }

    /// <summary>Bytes that wait.</summary>
    public Gauge WriteTotalBuffered { get; }
}
