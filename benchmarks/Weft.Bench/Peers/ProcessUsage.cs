using System.Globalization;

namespace Weft.Bench.Peers;

/// <summary>CPU time of a proxy's processes since their start.</summary>
/// <param name="TotalNs">From schedstat: exact.</param>
/// <param name="WaitNs">From schedstat: time in which it could have run but something else had the core.</param>
/// <param name="UserTicks">From stat, in ticks of 10 ms: only its ratio to the system's is used.</param>
/// <param name="SystemTicks">As the user's.</param>
internal readonly record struct ProcessUsage(long TotalNs, long WaitNs, long UserTicks, long SystemTicks)
{
    private const long TickNs = 10_000_000;

    /// <summary>CPU time between two readings. A thread that ended takes its schedstat with it, not its ticks.</summary>
    public long CpuNs => TotalNs < (UserTicks + SystemTicks) * TickNs * 3 / 4 ? (UserTicks + SystemTicks) * TickNs : TotalNs;

    public static ProcessUsage operator -(ProcessUsage a, ProcessUsage b) =>
        new(a.TotalNs - b.TotalNs, a.WaitNs - b.WaitNs, a.UserTicks - b.UserTicks, a.SystemTicks - b.SystemTicks);

    public static ProcessUsage operator +(ProcessUsage a, ProcessUsage b) =>
        new(a.TotalNs + b.TotalNs, a.WaitNs + b.WaitNs, a.UserTicks + b.UserTicks, a.SystemTicks + b.SystemTicks);

    /// <summary>Usage of one process, all of its threads.</summary>
    public static ProcessUsage Of(int pid)
    {
        var (total, wait) = (0L, 0L);
        foreach (var task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
        {
            var (threadTotal, threadWait) = OfThread(task);
            total += threadTotal;
            wait += threadWait;
        }
        // The fields behind the command, which may hold spaces itself: state is the third, utime the 14th.
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new ProcessUsage(total, wait, Parse(fields[11]), Parse(fields[12]));
    }

    private static (long TotalNs, long WaitNs) OfThread(string task)
    {
        try
        {
            var fields = File.ReadAllText($"{task}/schedstat").Split(' ');
            return (Parse(fields[0]), Parse(fields[1]));
        }
        catch (IOException)
        {
            return default; // the thread has just ended
        }
    }

    private static long Parse(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
