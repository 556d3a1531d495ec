using System.Globalization;
using System.Net;

namespace Weft.Samples.Demo;

/// <summary>What one demo service is told about itself by its environment. Immutable.</summary>
internal sealed record DemoSettings
{
    /// <summary>Address to listen on: <c>HOST</c>, default 127.0.0.1.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on: <c>PORT</c>, default 8080; 0 lets the kernel choose.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Name the service answers with: <c>NAME</c>, else <c>SERVICE_NAME</c>, else the machine's host name.</summary>
    public string Name { get; init; } = Dns.GetHostName();

    /// <summary>Version the service claims to be, always with a leading <c>v</c>: <c>VERSION</c>, default v1.0.</summary>
    public string Version { get; init; } = "v1.0";

    /// <summary>Colour of the service, to tell groups of instances apart: <c>COLOR</c>, default none.</summary>
    public string Color { get; init; } = "none";

    /// <summary>Addresses that <c>/call</c> asks in turn: <c>CALLS</c>, separated by commas; default none.</summary>
    public IReadOnlyList<Uri> Calls { get; init; } = [];

    /// <summary>Reads the settings; <paramref name="variable"/> answers null for what is not set.</summary>
    /// <exception cref="FormatException">A variable holds what it cannot hold; the message names it.</exception>
    public static DemoSettings FromEnvironment(Func<string, string?> variable)
    {
        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;

        var settings = new DemoSettings();
        return new DemoSettings
        {
            Host = Value("HOST") is { } host ? ParseHost(host) : settings.Host,
            Port = Value("PORT") is { } port ? ParsePort(port) : settings.Port,
            Name = Value("NAME") ?? Value("SERVICE_NAME") ?? settings.Name,
            Version = Value("VERSION") is { } version ? "v" + version.TrimStart('v') : settings.Version,
            Color = Value("COLOR") ?? settings.Color,
            Calls = Value("CALLS") is { } calls ? [.. calls.Split(',').Select(ParseAddress)] : settings.Calls,
        };
    }

    private static IPAddress ParseHost(string value) => value switch
    {
        "localhost" => IPAddress.Loopback,
        _ when IPAddress.TryParse(value, out var address) => address,
        _ => throw new FormatException($"HOST={value} is not an IP address"),
    };

    private static Uri ParseAddress(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp
            ? address
            : throw new FormatException($"CALLS: {value} is no http:// address");

    private static int ParsePort(string value) =>
        ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : throw new FormatException($"PORT={value} is not a number from 0 to 65535");
}
