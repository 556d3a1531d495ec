using System.Diagnostics;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>Waiting for what another process does in its own time: polls, bounded.</summary>
internal static class Wait
{
    /// <summary>Waits until a file has so many lines, and gives its lines: one that is being written does not count.</summary>
    public static async Task<string[]> ForLines(string file, int count)
    {
        string[] lines = [];
        await Until(
            async () =>
            {
                lines = File.Exists(file) ? (await File.ReadAllTextAsync(file)).Split('\n')[..^1] : [];
                return lines.Length >= count;
            },
            $"{count} lines in {file}",
            () => string.Join('\n', lines));
        return lines;
    }

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
