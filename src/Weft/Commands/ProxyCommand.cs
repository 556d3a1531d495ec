using Weft.Base.Logging;
using Weft.CommandLine;
using Weft.Proxy.Bootstrap;
using Weft.Startup;

namespace Weft.Commands;

/// <summary><c>weft proxy</c>: the data plane, with Envoy's command line.</summary>
internal static class ProxyCommand
{
    private const string NoConfiguration = "At least one of --config-path or --config-yaml or Options::configProto() should be non-empty";

    /// <param name="program">How the user called it, for texts.</param>
    public static int Run(string program, string[] args, TextWriter output, TextWriter error)
    {
        var given = OptionParser.Parse(ProxyOptionTable.Options, args);
        if (given.IsGiven("help"))
            return Help(output, program);
        if (given.IsGiven("version"))
            return VersionCommand.Run(output, program.Split(' ')[0]);
        var options = ProxyOptionsReader.Read(given);
        if (given.IsGiven("hot-restart-version"))
        {
            error.Write(options.DisableHotRestart ? "disabled" : ServerOptions.SupportedHotRestartVersion);
            return 0;
        }
        if (options.Mode == ServerMode.Validate)
            return Validate(options, output, error);
        return Serve(options, given, error);
    }

    public static int Help(TextWriter output, string program)
    {
        output.Write(HelpText.Of(
            $"{program} -c <path> [options]",
            "Runs the proxy from an Envoy v3 bootstrap file. SIGTERM or SIGINT drains and ends it (a second one at once), SIGUSR1 reopens its logs, SIGHUP reads it again.",
            ProxyOptionTable.Options));
        return 0;
    }

    private static int Validate(ServerOptions options, TextWriter output, TextWriter error)
    {
        if (!HasConfiguration(options, error))
            return 1;
        if (!Logs.Configure(options, error))
            return 1;
        return ConfigValidation.Run(options, output, error) ? 0 : 1;
    }

    private static int Serve(ServerOptions options, ParsedOptions given, TextWriter error)
    {
        if (!Logs.Configure(options, error) || !HasConfiguration(options, error))
            return 1;
        foreach (var option in given.Given.Where(option => option.NoEffect is not null))
            Logger.Get("main").Warning($"--{option.Name} has no effect: {option.NoEffect}");
        using var server = Server.Create(options, out var findings);
        FindingsReport.Log(findings, options);
        return server is null ? 1 : ServerRunner.Run(server);
    }

    private static bool HasConfiguration(ServerOptions options, TextWriter error)
    {
        if (options.ConfigPath.Length > 0 || options.ConfigYaml.Length > 0)
            return true;
        Logger.Get("main").Critical($"error initializing configuration '{options.ConfigPath}': {NoConfiguration}");
        error.WriteLine(NoConfiguration);
        return false;
    }
}
