using System.Globalization;
using Weft.CommandLine;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Checking;

namespace Weft.Commands;

/// <summary><c>weft route-check</c>: which way would a request take, and does a test file for Envoy's router check tool pass.</summary>
internal static class RouteCheckCommand
{
    private const string Usage = """
        USAGE: weft route-check -c FILE --request 'GET http://host/path' [-H 'name: value']... [--listener NAME] [--random-value N]
               weft route-check -c FILE -t TESTS [--only-show-failures]

        The first says which virtual host and route a request would take, what the routes before it miss, and what would be changed.
        The second runs a test file of Envoy's router check tool; FILE may then be a RouteConfiguration too. Exit code 0 when a route
        was found, or all tests pass.

        """;

    private static readonly CommandOption[] s_options =
    [
        new("Routes", "config-path", "<file>", "Bootstrap file, or route table for tests") { Short = 'c' },
        new("Routes", "request", "<text>", "The request, for example 'GET http://host/path'"),
        new("Routes", "header", "<name: value>", "A header of the request") { Short = 'H', IsRepeatable = true },
        new("Routes", "listener", "<name>", "Only this listener"),
        new("Routes", "random-value", "<number>", "What shares of traffic are drawn by") { Default = "0" },
        new("Routes", "test-path", "<file>", "Test file of Envoy's router check tool") { Short = 't' },
        new("Routes", "only-show-failures", null, "Say nothing of tests that pass"),
        new("Routes", "details", null, "Say of each failure why (always done)"),
        new("Routes", "disable-deprecation-check", null, "Deprecated fields are no error (they never are)") { Short = 'd' },
        new("Routes", "allow-unimplemented", null, "Set fields that are not implemented are no error"),
    ];

    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        if (args is ["--help"] or ["-h"] or ["help"])
            return Help(output);
        var given = OptionParser.Parse(s_options, args);
        if (!given.IsGiven("config-path") || given.IsGiven("request") == given.IsGiven("test-path"))
        {
            error.Write(Usage);
            return 1;
        }

        var options = new ServerOptions { ConfigPath = given.Text("config-path"), Mode = ServerMode.Validate, AllowUnimplemented = given.IsGiven("allow-unimplemented") };
        var listener = given.IsGiven("listener") ? given.Text("listener") : null;
        if (given.IsGiven("test-path"))
            return RouteCheck.Test(options, given.Text("test-path"), listener, given.IsGiven("only-show-failures"), output, error);
        if (!ulong.TryParse(given.Text("random-value"), NumberStyles.None, CultureInfo.InvariantCulture, out var random))
            throw new UsageException("PARSE ERROR: Argument: (--random-value)\n             it must be a number");
        return RouteCheck.Explain(options, given.Text("request"), given.All("header"), listener, random, output, error);
    }

    public static int Help(TextWriter output)
    {
        output.Write(Usage);
        return 0;
    }
}
