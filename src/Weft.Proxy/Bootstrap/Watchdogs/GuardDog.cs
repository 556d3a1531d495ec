using Weft.Base;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Workers;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap.Watchdogs;

/// <summary>
/// Looks at all loops from a thread of its own, counts turns that take too long (a callback that blocks, too much work, a machine without CPU), and ends the
/// process if configuration wants that. Loops do nothing for it but count their turns. Main thread.
/// </summary>
internal sealed class GuardDog : IDisposable
{
    private static readonly Logger Log = Logger.Get("main");

    private readonly WatchedGroup[] _groups;
    private readonly object _gate = new();
    private Thread? _thread;
    private bool _isStopped;

    private GuardDog(WatchedGroup[] groups) => _groups = groups;

    /// <summary>Makes the statistics; nobody is looked at before <see cref="Start"/>.</summary>
    public static GuardDog Create(BootstrapMessage bootstrap, WorkerSet workers, RandomSource random, StatsStore stats, ConfigContext context)
    {
        var scope = stats.Scope("");
        var (main, others) = WatchdogLimits.Of(bootstrap, random, context);
        return new GuardDog(
        [
            new WatchedGroup("main_thread", main, [Watch(workers.Main, scope)], scope),
            new WatchedGroup("workers", others, [.. workers.Workers.Select(worker => Watch(worker, scope))], scope),
        ]);
    }

    public void Start()
    {
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { Name = "guarddog", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
        _thread = null;
    }

    private static WatchedLoop Watch(Worker worker, StatsScope scope) => new(worker.Name, () => worker.Loop.Progress, scope);

    private void Run()
    {
        var interval = TimeSpan.FromMilliseconds(Math.Min(int.MaxValue, _groups.Min(static group => group.IntervalMs)));
        while (Wait(interval))
        {
            foreach (var group in _groups)
            {
                if (group.Check(Environment.TickCount64) is not { } reason)
                    continue;
                Log.Critical(reason);
                Environment.FailFast(reason);
            }
        }
    }

    /// <summary>False: it is over.</summary>
    private bool Wait(TimeSpan time)
    {
        lock (_gate)
        {
            if (!_isStopped)
                Monitor.Wait(_gate, time);
            return !_isStopped;
        }
    }
}
