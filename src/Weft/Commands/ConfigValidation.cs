using Weft.Proxy.Bootstrap;

namespace Weft.Commands;

/// <summary><c>--mode validate</c> and <c>weft config check</c>: everything that a start does, but nothing is bound or connected.</summary>
internal static class ConfigValidation
{
    /// <summary>Prints that the configuration can be used, or every finding; true when it can.</summary>
    public static bool Run(ServerOptions options, TextWriter output, TextWriter error)
    {
        using var server = Server.Create(options with { Mode = ServerMode.Validate, Concurrency = 1 }, out var findings);
        foreach (var line in FindingsReport.Lines(findings, options))
            error.WriteLine(line);
        if (server is not null)
            output.WriteLine($"configuration '{options.ConfigPath}' OK");
        return server is not null;
    }
}
