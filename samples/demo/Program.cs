using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Weft.Samples.Demo;

DemoSettings settings;
try
{
    settings = DemoSettings.FromEnvironment(Environment.GetEnvironmentVariable);
}
catch (FormatException error)
{
    Console.Error.WriteLine($"weft-demo: {error.Message}");
    return 2;
}

await using var app = DemoService.Build(settings, Console.Out);
try
{
    await app.StartAsync();
}
catch (Exception error) when (error is IOException or SocketException)
{
    Console.Error.WriteLine($"weft-demo: cannot listen on {settings.Host}:{settings.Port}: {error.Message}");
    return 1;
}
Console.WriteLine($"{settings.Name} {settings.Version} listening on {string.Join(", ", app.Urls)}");
await app.WaitForShutdownAsync();
return 0;
