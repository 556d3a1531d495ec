using Envoy.Config.Bootstrap.V3;
using Weft.Base;
using Weft.Config;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap.Watchdogs;

/// <summary>How long a turn of a loop may take (Watchdog of the bootstrap), in milliseconds. Immutable.</summary>
internal sealed record WatchdogLimits
{
    /// <summary>miss_timeout; default 200. A longer turn counts as a miss.</summary>
    public required long MissMs { get; init; }

    /// <summary>megamiss_timeout; default 1,000.</summary>
    public required long MegaMissMs { get; init; }

    /// <summary>kill_timeout, with its jitter: a longer turn ends the process. 0, the default: none does.</summary>
    public long KillMs { get; init; }

    /// <summary>multikill_timeout: as many loops as <see cref="MultiKillShare"/> says whose turns are longer end the process. 0, the default: they do not.</summary>
    public long MultiKillMs { get; init; }

    /// <summary>multikill_threshold, 0 to 1; at least two loops.</summary>
    public double MultiKillShare { get; init; }

    /// <summary>How often loops are looked at.</summary>
    public long IntervalMs => Math.Max(1, Math.Min(Math.Min(MissMs, MegaMissMs), Math.Min(KillMs > 0 ? KillMs : long.MaxValue, MultiKillMs > 0 ? MultiKillMs : long.MaxValue)));

    /// <summary>Those of the main thread, and those of workers.</summary>
    public static (WatchdogLimits Main, WatchdogLimits Workers) Of(BootstrapMessage bootstrap, RandomSource random, ConfigContext context)
    {
#pragma warning disable CS0612 // deprecated by watchdogs, and still in use
        var both = bootstrap.Watchdog;
#pragma warning restore CS0612
        if (both is not null && bootstrap.Watchdogs is not null)
            context.Error(bootstrap, "watchdogs", "Only one of watchdog or watchdogs should be set!");
        return (Of(both ?? bootstrap.Watchdogs?.MainThreadWatchdog, random), Of(both ?? bootstrap.Watchdogs?.WorkerWatchdog, random));
    }

    private static WatchdogLimits Of(Watchdog? config, RandomSource random)
    {
        var killMs = (config?.KillTimeout).ToMs(0);
        if (killMs > 0 && (config?.MaxKillTimeoutJitter).ToMs(0) is > 0 and var jitterMs)
            killMs += 1 + (long)(random.Next() % (ulong)jitterMs);
        return new WatchdogLimits
        {
            MissMs = (config?.MissTimeout).ToMs(200),
            MegaMissMs = (config?.MegamissTimeout).ToMs(1_000),
            KillMs = killMs,
            MultiKillMs = (config?.MultikillTimeout).ToMs(0),
            MultiKillShare = (config?.MultikillThreshold?.Value ?? 0) / 100,
        };
    }
}
