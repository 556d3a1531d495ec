using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>Management servers and xDS clients on grpc-js, in a folder of their own for the tests of a class.</summary>
public sealed class XdsPeers : IAsyncLifetime
{
    public static bool CanRun => NodeProcess.IsInstalled && Shell.IsInstalled("npm");

    /// <summary>Where they are.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory("weft-xds-peer-").FullName;

    public async Task InitializeAsync()
    {
        if (CanRun)
            await NpmFolder.FillAsync(Folder, Path.Combine(AppContext.BaseDirectory, "Xds", "Peer"));
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }

    internal Task<ManagementServer> StartServerAsync(int port = 0) => ManagementServer.StartAsync(Folder, port);
}

/// <summary>A test with xDS peers on Node.js.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class XdsFactAttribute : FactAttribute
{
    public XdsFactAttribute()
    {
        if (!XdsPeers.CanRun)
            Skip = "needs Node.js (node and npm), which is not installed";
    }
}

/// <summary>The same, with values.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class XdsTheoryAttribute : TheoryAttribute
{
    public XdsTheoryAttribute()
    {
        if (!XdsPeers.CanRun)
            Skip = "needs Node.js (node and npm), which is not installed";
    }
}
