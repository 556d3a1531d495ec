using System.Runtime.InteropServices;

namespace Weft.Net.Tests;

public sealed partial class SignalsTests
{
    [Fact]
    public void Signals_arrive_on_the_loop_and_a_hang_up_is_ignored()
    {
        using var loop = new EventLoop("signals");
        var log = new List<string>();
        using var signals = new Signals(loop, signal => log.Add(signal.ToString()), () => log.Add("reopen"));
        foreach (var number in new[] { 1, 10, 15, 2 })
        {
            var before = log.Count;
            Assert.Equal(0, kill(Environment.ProcessId, number));
            for (var turns = 0; number != 1 && log.Count == before && turns < 300; turns++)
                loop.RunTurn(100);
        }
        Assert.Equal(["reopen", "SIGTERM", "SIGINT"], log);
    }

    [Fact]
    public void The_limit_of_descriptors_can_be_raised_to_the_hard_one()
    {
        var limit = FdLimit.RaiseToHardLimit();
        Assert.True(limit >= 256);
        Assert.Equal(limit, FdLimit.RaiseToHardLimit());
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
