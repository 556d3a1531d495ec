using Weft.Base;
using Weft.Config;
using Weft.Proxy.Bootstrap.Watchdogs;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Tests.Bootstrap.Watchdogs;

public sealed class WatchdogLimitsTests
{
    private readonly ConfigContext _context = new();

    [Fact]
    public void Without_configuration_Envoys_defaults_hold()
    {
        var (main, workers) = Of("{}");
        Assert.Equal(new WatchdogLimits { MissMs = 200, MegaMissMs = 1000 }, main);
        Assert.Equal(main, workers);
        Assert.Equal(200, main.IntervalMs);
    }

    [Fact]
    public void The_main_thread_and_workers_have_limits_of_their_own()
    {
        var (main, workers) = Of("""
            watchdogs:
              main_thread_watchdog: { miss_timeout: 0.5s, megamiss_timeout: 2s }
              worker_watchdog: { kill_timeout: 30s, max_kill_timeout_jitter: 10s, multikill_timeout: 0.1s, multikill_threshold: { value: 50 } }
            """);
        Assert.Equal(new WatchdogLimits { MissMs = 500, MegaMissMs = 2000 }, main);
        Assert.Equal((200, 1000, 100, 0.5), (workers.MissMs, workers.MegaMissMs, workers.MultiKillMs, workers.MultiKillShare));
        Assert.InRange(workers.KillMs, 30_001, 40_000);
        Assert.Equal(100, workers.IntervalMs);
    }

    [Fact]
    public void Only_one_form_may_be_given()
    {
        Of("{ watchdog: { miss_timeout: 1s }, watchdogs: {} }");
        Assert.Contains(_context.Findings.Errors, static fault => fault.Text == "Only one of watchdog or watchdogs should be set!");
    }

    private (WatchdogLimits Main, WatchdogLimits Workers) Of(string yaml)
    {
        var bootstrap = ConfigReader.ReadText<BootstrapMessage>(yaml, "t.yaml", new ReadOptions(), _context);
        return WatchdogLimits.Of(bootstrap, new RandomSource(1), _context);
    }
}
