using System.Globalization;
using System.Net;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Status.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Logging;
using Weft.CommandLine;
using Weft.Config;
using Weft.Net;
using Weft.Xds.Server;
using Weft.XdsServer;

namespace Weft.Commands;

/// <summary><c>weft xds-server</c>: a management server that serves what stands in a file or a folder.</summary>
internal static class XdsServerCommand
{
    private static readonly CommandOption[] Options =
    [
        new("What is served", "resources", "<path>", "A file in the short form or in the format of a DiscoveryResponse, or a folder of such files. Read again whenever they change."),
        new("What is served", "node-id", "<id>", "Serve only the node of this id. Without it every node gets the same."),
        new("What is served", "ads", null, "Clusters and listeners of the short form find endpoints and routes over ADS, not at the cluster xds_cluster."),
        new("Where", "port", "<port>", "Port of the gRPC server.") { Default = "18000", IsNumber = true },
        new("Where", "address", "<address>", "Address of the gRPC server.") { Default = "0.0.0.0" },
        new("Other", "print", null, "Print the resources as they would be served, in the format of a DiscoveryResponse, and end."),
        new("Other", "status", null, "Print what the clients of the server at --address and --port have accepted, and end."),
        new("Other", "help", null, "Print this.") { Short = 'h' },
    ];

    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var given = OptionParser.Parse(Options, args);
        if (given.IsGiven("help"))
            return Help(output);
        if (given.IsGiven("status"))
            return Status(given, output, error);
        if (!given.IsGiven("resources"))
        {
            error.WriteLine("weft xds-server: --resources is required");
            return 1;
        }

        return given.IsGiven("print") ? Print(given, output, error) : Serve(given, error);
    }

    public static int Help(TextWriter output)
    {
        output.Write(HelpText.Of("weft xds-server --resources <path> [options]", "Serves clusters, endpoints, listeners and routes to proxies by gRPC, state of the world and incremental, each type or ADS.", Options));
        return 0;
    }

    private static int Print(ParsedOptions given, TextWriter output, TextWriter error)
    {
        var findings = new Findings();
        var resources = ResourceFiles.Read(given.Text("resources"), given.IsGiven("ads"), findings);
        foreach (var fault in findings.Errors)
            error.WriteLine(fault.ToString());
        if (findings.HasErrors)
            return 1;
        MessagePrinter.WriteYaml(new DiscoveryResponse { Resources = { resources.Select(static resource => Any.Pack(resource)) } }, output);
        return 0;
    }

    private static int Status(ParsedOptions given, TextWriter output, TextWriter error)
    {
        var host = given.IsGiven("address") ? given.Text("address") : "127.0.0.1";
        var address = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{given.Text("port")}" : $"{host}:{given.Text("port")}";
        try
        {
            ClientStatusTable.Write(ClientStatusQuery.Ask(address, new ClientStatusRequest { ExcludeResourceContents = true }).GetAwaiter().GetResult(), output);
            return 0;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or InvalidProtocolBufferException or UriFormatException)
        {
            error.WriteLine($"weft xds-server: no status of {address}: {e.Message}");
            return 1;
        }
    }

    private static int Serve(ParsedOptions given, TextWriter error)
    {
        if (!IPAddress.TryParse(given.Text("address"), out var address) || given.Number("port") > ushort.MaxValue)
        {
            error.WriteLine($"weft xds-server: cannot listen at {given.Text("address")}:{given.Text("port")}");
            return 1;
        }

        using var loop = new EventLoop("main_thread");
        var cache = new SnapshotCache();
        using var files = new ServedFiles(loop, given.Text("resources"), given.IsGiven("node-id") ? given.Text("node-id") : null, given.IsGiven("ads"), cache);
        if (!files.Start())
            return 1;
        try
        {
            using var server = new DiscoveryServer(loop, NetAddress.FromIP(address, (int)given.Number("port")), cache);
            using var signals = new Signals(loop, _ => loop.Stop(), static () => { });
            server.Start();
            Logger.Get("xds").Info(string.Create(CultureInfo.InvariantCulture, $"management server listening on {server.Address}"));
            loop.Run();
            return 0;
        }
        catch (NetException e)
        {
            error.WriteLine($"weft xds-server: cannot listen at {given.Text("address")}:{given.Text("port")}: {NetException.Text(e.Errno)}");
            return 1;
        }
    }
}
