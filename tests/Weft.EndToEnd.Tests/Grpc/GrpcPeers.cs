using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>gRPC servers and a client on grpc-js, in a folder of their own for the tests of a class.</summary>
public sealed class GrpcPeers : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-grpc-").FullName;

    public static bool CanRun => NodeProcess.IsInstalled && Shell.IsInstalled("npm");

    public async Task InitializeAsync()
    {
        if (CanRun)
            await NpmFolder.FillAsync(_folder, Path.Combine(AppContext.BaseDirectory, "Grpc", "Peer"));
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    internal Task<NodeProcess> StartServerAsync() => StartAsync("server");

    /// <param name="peer">A script of the folder Peer that listens.</param>
    internal Task<NodeProcess> StartAsync(string peer) => NodeProcess.StartAsync($"require('./{peer}')", _folder);

    /// <summary>A service that takes metrics.</summary>
    internal Task<NodeProcess> StartCollectorAsync() => NodeProcess.StartAsync("require('./collector')", _folder);

    /// <summary>The texts of what the collector was sent, by its short name of the method.</summary>
    internal IReadOnlyList<string> Received(string method)
    {
        var file = Path.Combine(_folder, "received");
        // Without the one that is being written.
        return File.Exists(file) ? [.. File.ReadAllText(file).Split('\n')[..^1].Where(line => line.StartsWith(method + " ", StringComparison.Ordinal))] : [];
    }

    /// <summary>What came of a call of every shape, a line each.</summary>
    internal async Task<string> RunClientAsync(int port)
    {
        var (_, output, error) = await Shell.RunAsync("node", [Path.Combine(_folder, "client.js"), port.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        return output + error;
    }
}

/// <summary>A test with grpc-js.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GrpcFactAttribute : FactAttribute
{
    public GrpcFactAttribute()
    {
        if (!GrpcPeers.CanRun)
            Skip = "needs Node.js (node and npm), which is not installed";
    }
}
