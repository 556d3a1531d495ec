using System.Globalization;
using System.Net;
using Yarp.ReverseProxy.Configuration;

// YARP as it comes: one route, one cluster. Arguments: the port to listen on, the backend's port, the port that tells allocated bytes.
var httpPort = int.Parse(args[0], CultureInfo.InvariantCulture);
var backendPort = int.Parse(args[1], CultureInfo.InvariantCulture);
var adminPort = int.Parse(args[2], CultureInfo.InvariantCulture);

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, httpPort);
    kestrel.Listen(IPAddress.Loopback, adminPort);
});
builder.Services.AddReverseProxy().LoadFromMemory(
    [new RouteConfig { RouteId = "web", ClusterId = "web", Match = new RouteMatch { Path = "/bytes/{**rest}" } }],
    [new ClusterConfig
    {
        ClusterId = "web",
        Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://127.0.0.1:{backendPort}/" } },
    }]);

var app = builder.Build();
app.MapGet("/allocated", () => GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture));
app.MapReverseProxy();
app.Run();
