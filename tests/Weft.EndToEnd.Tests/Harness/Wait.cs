using System.Diagnostics;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Waiting for what another process does in its own time: polls, bounded.</summary>
internal static class Wait
{
    public static async Task Until(Func<Task<bool>> condition, string what, Func<string>? details = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Patience.Limit)
                throw new TimeoutException($"waited in vain for {what}\n{details?.Invoke()}");
            await Task.Delay(20);
        }
    }
}
