namespace Weft.Commands;

/// <summary><c>weft help</c>: the commands.</summary>
internal static class HelpCommand
{
    private const string Text = """
        Weft: a proxy and a service mesh that run Envoy v3 configuration.

        USAGE: weft <command> [options]

          weft proxy -c FILE       run the proxy; a symbolic link named envoy to this program does the same
          weft xds-server --resources FILE
                                   serve clusters, endpoints, listeners and routes to proxies from a file
          weft observe             collect traces, metrics and access logs of proxies and show them on a page
          weft config check FILE   check a bootstrap file and print every finding
          weft config upgrade FILE print a bootstrap file of the v2 API in the v3 API, with its comments
          weft config diff OLD NEW print what a change would add, remove, change and drain
          weft config supported    print which fields and extensions are implemented
          weft route-check -c FILE say which route a request would take and why, or run tests of routes
          weft version             print the version
          weft help [command]      print this, or the options of a command

        """;

    public static int Run(TextWriter output, string[] args)
    {
        if (args is ["proxy", ..])
            return ProxyCommand.Help(output, "weft proxy");
        if (args is ["xds-server", ..])
            return XdsServerCommand.Help(output);
        if (args is ["observe", ..])
            return ObserveCommand.Help(output);
        if (args is ["config", ..])
            return ConfigCommand.Help(output);
        if (args is ["route-check", ..])
            return RouteCheckCommand.Help(output);
        output.Write(Text);
        return 0;
    }
}
