using Weft.CommandLine;
using Weft.Commands;
using Weft.Startup;

namespace Weft;

/// <summary>The entry point: finds the subcommand. Started under the name <c>envoy</c>, it is <c>weft proxy</c>.</summary>
internal static class Program
{
    private static readonly string[] Commands = ["proxy", "xds-server", "observe", "config", "route-check", "version", "help"];

    private static int Main(string[] args)
    {
        var program = ProcessName.Read() == "envoy" ? "envoy" : "weft";
        if (program == "envoy" || args is ["proxy", ..])
            GcSettings.Apply();
        return Run(program, args, Console.Out, Console.Error);
    }

    /// <summary>Runs a command line.</summary>
    /// <param name="program">The name it was started under: <c>weft</c> or <c>envoy</c>.</param>
    internal static int Run(string program, string[] args, TextWriter output, TextWriter error)
    {
        var isEnvoy = program == "envoy";
        try
        {
            return isEnvoy ? ProxyCommand.Run(program, args, output, error) : Dispatch(args, output, error);
        }
        catch (UsageException e)
        {
            error.WriteLine(e.Message);
            if (e.Message.StartsWith("PARSE ERROR", StringComparison.Ordinal))
                error.WriteLine($"\nFor complete USAGE and HELP type:\n   {(isEnvoy ? "envoy" : $"weft {args[0]}")} --help");
            return 1;
        }
    }

    private static int Dispatch(string[] args, TextWriter output, TextWriter error)
    {
        switch (args)
        {
            case ["proxy", .. var rest]:
                return ProxyCommand.Run("weft proxy", rest, output, error);
            case ["xds-server", .. var rest]:
                return XdsServerCommand.Run(rest, output, error);
            case ["observe", .. var rest]:
                return ObserveCommand.Run(rest, output, error);
            case ["config", .. var rest]:
                return ConfigCommand.Run(rest, output, error);
            case ["route-check", .. var rest]:
                return RouteCheckCommand.Run(rest, output, error);
            case ["version", ..] or ["--version"]:
                return VersionCommand.Run(output, "weft");
            case ["help", .. var rest]:
                return HelpCommand.Run(output, rest);
            case ["--help"] or ["-h"]:
                return HelpCommand.Run(output, []);
            case []:
                HelpCommand.Run(error, []);
                return 1;
            default:
                error.WriteLine($"weft: unknown command '{args[0]}'" + Hint(args[0]));
                error.WriteLine("Type 'weft help' for the commands.");
                return 1;
        }
    }

    private static string Hint(string word)
    {
        if (word.StartsWith('-'))
            return $"; did you mean 'weft proxy {word}'?";
        return Spelling.Closest(word, Commands) is { } command ? $"; did you mean '{command}'?" : "";
    }
}
