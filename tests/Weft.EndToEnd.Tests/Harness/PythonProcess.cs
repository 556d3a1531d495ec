using System.Diagnostics;
using System.Globalization;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A peer written in Python, which prints its port on its first line.</summary>
internal sealed class PythonProcess : IDisposable
{
    /// <summary>Debian's own, which has Debian's libraries.</summary>
    public const string Program = "/usr/bin/python3";

    private readonly Process _process;

    private PythonProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>A library is there.</summary>
    public static bool Has(string module)
    {
        if (!File.Exists(Program))
            return false;
        using var process = Process.Start(new ProcessStartInfo(Program, ["-c", $"import {module}"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    public static async Task<PythonProcess> StartAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience.Limit);
        return new PythonProcess(process, int.Parse(line ?? throw new InvalidOperationException("python printed no port"), CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}

/// <summary>A test with a peer that runs on Python.</summary>
/// <param name="module">The library that it needs.</param>
/// <param name="package">The Debian package that has it.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute(string module, string package)
    {
        if (!PythonProcess.Has(module))
            Skip = $"needs {package}, which is not installed";
    }
}
