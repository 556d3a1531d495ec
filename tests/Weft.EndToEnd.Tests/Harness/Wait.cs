using System.Diagnostics;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Waiting for what another process does in its own time: polls, bounded.</summary>
internal static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task Until(Func<Task<bool>> condition, string what, Func<string>? details = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Limit)
                throw new TimeoutException($"waited in vain for {what}\n{details?.Invoke()}");
            await Task.Delay(20);
        }
    }
}
