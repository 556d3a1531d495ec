using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Yarp.ReverseProxy.Configuration;

// YARP as it comes: one route, one cluster. Arguments: the port to listen on, the backend's port, the port that tells allocated bytes, the
// port for HTTP/2 in clear text, the port for TLS, the ports where a way over mutual TLS begins and ends, the folder of the certificate.
var httpPort = int.Parse(args[0], CultureInfo.InvariantCulture);
var backendPort = int.Parse(args[1], CultureInfo.InvariantCulture);
var adminPort = int.Parse(args[2], CultureInfo.InvariantCulture);
var http2Port = int.Parse(args[3], CultureInfo.InvariantCulture);
var tlsPort = int.Parse(args[4], CultureInfo.InvariantCulture);
var meshPort = int.Parse(args[5], CultureInfo.InvariantCulture);
var mutualTlsPort = int.Parse(args[6], CultureInfo.InvariantCulture);
using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(args[7], "cert.pem"), Path.Combine(args[7], "key.pem"));

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, httpPort);
    kestrel.Listen(IPAddress.Loopback, adminPort);
    kestrel.Listen(IPAddress.Loopback, http2Port, listen => listen.Protocols = HttpProtocols.Http2);
    kestrel.Listen(IPAddress.Loopback, tlsPort, listen => listen.UseHttps(certificate));
    kestrel.Listen(IPAddress.Loopback, meshPort);
    kestrel.Listen(IPAddress.Loopback, mutualTlsPort, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
    {
        ServerCertificate = certificate,
        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
        ClientCertificateValidation = (shown, _, _) => shown.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span),
    }));
});
builder.Services.AddReverseProxy().LoadFromMemory(
    [
        new RouteConfig { RouteId = "web", ClusterId = "web", Order = 1, Match = new RouteMatch { Path = "/bytes/{**rest}" } },
        new RouteConfig { RouteId = "mesh", ClusterId = "mesh", Order = 0, Match = new RouteMatch { Path = "/bytes/{**rest}", Hosts = [$"127.0.0.1:{meshPort}"] } },
    ],
    [new ClusterConfig
    {
        ClusterId = "mesh",
        Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"https://127.0.0.1:{mutualTlsPort}/" } },
    },
    new ClusterConfig
    {
        ClusterId = "web",
        Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://127.0.0.1:{backendPort}/" } },
    }]).ConfigureHttpClient((cluster, handler) =>
    {
        if (cluster.ClusterId != "mesh")
            return;
        handler.SslOptions.ClientCertificates = [certificate];
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 other && other.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span);
    });

var app = builder.Build();
app.MapGet("/allocated", () => GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture));
app.MapReverseProxy();
app.Run();
