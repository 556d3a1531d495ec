using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Yarp.ReverseProxy.Configuration;

// YARP as it comes: one route, one cluster. Arguments: the port to listen on, the backend's port, the port that tells allocated bytes, the
// port for HTTP/2 in clear text, the port for TLS, the folder of the certificate.
var httpPort = int.Parse(args[0], CultureInfo.InvariantCulture);
var backendPort = int.Parse(args[1], CultureInfo.InvariantCulture);
var adminPort = int.Parse(args[2], CultureInfo.InvariantCulture);
var http2Port = int.Parse(args[3], CultureInfo.InvariantCulture);
var tlsPort = int.Parse(args[4], CultureInfo.InvariantCulture);
using var ephemeral = X509Certificate2.CreateFromPemFile(Path.Combine(args[5], "cert.pem"), Path.Combine(args[5], "key.pem"));

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, httpPort);
    kestrel.Listen(IPAddress.Loopback, adminPort);
    kestrel.Listen(IPAddress.Loopback, http2Port, listen => listen.Protocols = HttpProtocols.Http2);
    kestrel.Listen(IPAddress.Loopback, tlsPort, listen => listen.UseHttps(ephemeral));
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
