using Weft.CommandLine;
using Weft.Config;
using Weft.Config.Upgrade;
using Weft.Proxy.Bootstrap;

namespace Weft.Commands;

/// <summary><c>weft config</c>: what can be asked about configuration without running it.</summary>
internal static class ConfigCommand
{
    private const string Usage = """
        USAGE: weft config check [--allow-unimplemented] [--allow-unknown-static-fields] FILE...
               weft config upgrade FILE
               weft config diff OLD NEW
               weft config supported

        check       reads bootstrap files and prints every finding with its position; exit code 0 when all can be used
        upgrade     prints a bootstrap file of the v2 API (or of both) in the v3 API, comments kept; what was changed goes to standard error
        diff        prints what a change from one file to another would add, remove and change in a running proxy, and which connections would drain; exit
                    code 0 when nothing changes, 2 when something does. Bootstraps, or files of resources
        supported   prints which fields and extensions of the Envoy v3 API are implemented

        """;

    private static readonly CommandOption[] CheckOptions =
        [.. ProxyOptionTable.Options.Where(option => option.Name is "allow-unimplemented" or "allow-unknown-static-fields")];

    public static int Run(string[] args, TextWriter output, TextWriter error) => args switch
    {
        ["check", .. var rest] => Check(rest, output, error),
        ["upgrade", var path] when !path.StartsWith('-') => Upgrade(path, output, error),
        ["diff", var before, var after] when !before.StartsWith('-') && !after.StartsWith('-') => ConfigDiff.Run(before, after, output, error),
        ["supported"] => Supported(output),
        ["--help"] or ["-h"] or ["help"] => Help(output),
        _ => Misused(error),
    };

    public static int Help(TextWriter output)
    {
        output.Write(Usage);
        return 0;
    }

    private static int Supported(TextWriter output)
    {
        SupportedReference.Write(output);
        return 0;
    }

    private static int Check(string[] args, TextWriter output, TextWriter error)
    {
        var given = OptionParser.Parse(CheckOptions, args, allowArguments: true);
        if (given.Arguments.Count == 0)
            return Misused(error);
        var good = true;
        foreach (var path in given.Arguments)
        {
            var options = new ServerOptions
            {
                ConfigPath = path,
                Mode = ServerMode.Validate,
                AllowUnimplemented = given.IsGiven("allow-unimplemented"),
                AllowUnknownStaticFields = given.IsGiven("allow-unknown-static-fields"),
            };
            good &= ConfigValidation.Run(options, output, error);
        }
        return good ? 0 : 1;
    }

    private static int Upgrade(string path, TextWriter output, TextWriter error)
    {
        var changes = ConfigUpgrade.Write(path, output);
        foreach (var change in changes) error.WriteLine(change.ToString());
        if (changes.Any(static change => change.Severity == Severity.Error)) return 1;
        error.WriteLine(changes.Count == 0 ? $"{path} is v3 already" : $"{path}: {changes.Count} {(changes.Count == 1 ? "change" : "changes")}");
        return 0;
    }

    private static int Misused(TextWriter error)
    {
        error.Write(Usage);
        return 1;
    }
}
