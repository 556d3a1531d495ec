using System.Diagnostics;
using System.Globalization;

namespace Weft.Bench.Peers;

/// <summary>Programs asked for their version, and admin pages for a number.</summary>
internal static class Tools
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Where a program is; null when it is not installed.</summary>
    public static string? Find(string program) =>
        Folders.Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);

    /// <summary>First line a program prints, on either stream.</summary>
    public static string FirstLine(string program, string argument)
    {
        var start = new ProcessStartInfo(program, argument) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return output.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0) ?? "";
    }

    /// <summary>The page's text; null when it cannot be had.</summary>
    public static string? Get(string url)
    {
        try
        {
            return Http.GetStringAsync(new Uri(url)).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>The number behind a prefix; null when there is none.</summary>
    public static long? Number(string? text, string prefix)
    {
        var at = text?.IndexOf(prefix, StringComparison.Ordinal) ?? -1;
        if (at < 0)
            return null;
        var digits = new string([.. text![(at + prefix.Length)..].TakeWhile(char.IsAsciiDigit)]);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
