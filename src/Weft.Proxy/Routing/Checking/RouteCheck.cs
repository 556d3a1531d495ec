using Envoy.Config.Route.V3;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Explaining;

namespace Weft.Proxy.Routing.Checking;

/// <summary>What <c>weft route-check</c> does: explains requests, and runs test files, on configuration that is not running.</summary>
public static class RouteCheck
{
    /// <summary>Explains a request to every connection manager of a bootstrap file.</summary>
    /// <param name="listener">Only to this one; null: to all.</param>
    /// <returns>0 when a route was found somewhere, 1 when none was or the file cannot be used.</returns>
    public static int Explain(ServerOptions options, string request, IReadOnlyList<string> headers, string? listener, ulong randomValue, TextWriter output, TextWriter error)
    {
        using var server = Load(options, error);
        if (server is null) return 1;
        var clusters = server.Clusters.Clusters.Select(static cluster => cluster.Config.Name).ToHashSet(StringComparer.Ordinal);
        var (found, any) = (false, false);
        try
        {
            foreach (var (name, manager) in ExplanationText.Managers(server.Listeners.Listeners, listener))
            {
                any = true;
                found |= ExplanationText.Write(ExplainedRequest.Parse(request, headers, randomValue), name, manager, clusters.Contains, output);
            }
        }
        catch (FormatException e)
        {
            error.WriteLine($"weft route-check: {e.Message}");
            return 1;
        }

        if (!any) error.WriteLine("weft route-check: there is no such listener with routes");
        return found ? 0 : 1;
    }

    /// <summary>Runs a test file of Envoy's router check tool against a RouteConfiguration or bootstrap file.</summary>
    /// <param name="onlyFailures">Says nothing of cases that pass.</param>
    /// <returns>0 when all cases pass.</returns>
    public static int Test(ServerOptions options, string tests, string? listener, bool onlyFailures, TextWriter output, TextWriter error)
    {
        var context = new ConfigContext();
        var cases = File.Exists(tests) ? RouteTestCase.Read(tests, context) : [];
        if (!File.Exists(tests)) error.WriteLine($"weft route-check: there is no file {tests}");
        foreach (var finding in context.Findings.Errors) error.WriteLine(finding);
        if (cases.Count == 0) return 1;
        var isTable = IsRouteConfiguration(options.ConfigPath!);
        using var server = Load(isTable ? options with { ConfigPath = "", ConfigYaml = "{}" } : options, error);
        if (server is null) return 1;
        var table = isTable ? server.LoadRoutes(options.ConfigPath!, error) : Find(server, listener);
        if (table is null)
        {
            error.WriteLine("weft route-check: there are no routes to check");
            return 1;
        }

        using var run = new RouteTestRun(table);
        var failed = 0;
        foreach (var test in cases)
        {
            var failures = run.Run(test);
            failed += failures.Count > 0 ? 1 : 0;
            if (failures.Count > 0 || !onlyFailures) output.WriteLine($"{(failures.Count == 0 ? "PASS" : "FAIL")}  {test.Name}");
            foreach (var failure in failures) output.WriteLine($"      {failure}");
        }

        output.WriteLine($"{cases.Count - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static RouteTable? Find(Server server, string? listener)
        => ExplanationText.Managers(server.Listeners.Listeners, listener).Select(static found => found.Manager.Routes).FirstOrDefault();

    private static Server? Load(ServerOptions options, TextWriter error)
    {
        var server = Server.Create(options with { Mode = ServerMode.Validate, Concurrency = 1 }, out var findings);
        if (server is null)
        {
            foreach (var line in FindingsReport.Lines(findings, options)) error.WriteLine(line);
        }

        return server;
    }

    /// <summary>The router check tool is given route tables; a bootstrap file has no virtual hosts of its own.</summary>
    private static bool IsRouteConfiguration(string path)
    {
        if (!File.Exists(path)) return false;
        var context = new ConfigContext();
        var table = ConfigReader.Read<RouteConfiguration>(path, null, new ReadOptions { AllowUnimplemented = true, UnknownFields = UnknownFields.Warned }, context);
        return table.VirtualHosts.Count > 0;
    }
}
