namespace Weft.Bench;

/// <summary>One kind of closed-loop load.</summary>
/// <param name="Name">As --shape takes it.</param>
/// <param name="Title">As the table shows it.</param>
/// <param name="BodyBytes">Of each answer.</param>
/// <param name="Connections">Kept alive, one request at a time on each.</param>
internal sealed record Shape(string Name, string Title, int BodyBytes, int Connections)
{
    public const string Open = "open";
    public const string Idle = "idle";
    public const string IdleTls = "idle-tls";
    public const string Tcp = "tcp";
    public const string Allocation = "alloc";

    public const string UsualHost = "shop.example.com";

    /// <summary>What Weft's configuration has a virtual host for with ten routes, weighted clusters and four header mutations.</summary>
    public const string RoutedHost = "routes10.example.com";

    /// <summary>What Weft's configuration has a virtual host for whose cluster is checked and watched: health checks, outlier detection, circuit breakers, retries.</summary>
    public const string WatchedHost = "watched.example.com";

    public const int SmallBytes = 512;
    public const int LargeBytes = 64 * 1024;

    /// <summary>Connections of the open loop, of the warm-up and of the count of allocated bytes.</summary>
    public const int UsualConnections = 64;

    /// <summary>That requests ask for.</summary>
    public string Host { get; init; } = UsualHost;

    public static IReadOnlyList<Shape> Closed { get; } =
    [
        new("512x1", "512 B, 1 connection", SmallBytes, 1),
        new("512x64", "512 B, 64 connections", SmallBytes, UsualConnections),
        new("512x512", "512 B, 512 connections", SmallBytes, 512),
        new("routes10", "512 B, 64 connections, ten routes, weighted clusters, header mutations", SmallBytes, UsualConnections) { Host = RoutedHost },
        new("watched", "512 B, 64 connections, health checks, outlier detection, circuit breakers and retries", SmallBytes, UsualConnections) { Host = WatchedHost },
        new("64kx1", "64 KB, 1 connection", LargeBytes, 1),
        new("64kx64", "64 KB, 64 connections", LargeBytes, UsualConnections),
        new("64kx512", "64 KB, 512 connections", LargeBytes, 512),
    ];

    public static IEnumerable<string> AllNames => Closed.Select(s => s.Name).Concat(Tool.All.Select(s => s.Name)).Concat([Open, Idle, IdleTls, Tcp, Allocation]);
}

/// <summary>What a listener of a proxy speaks.</summary>
internal enum Speech
{
    /// <summary>HTTP/1.1 in clear text.</summary>
    Http1,

    /// <summary>HTTP/2 in clear text, by prior knowledge.</summary>
    Http2,

    /// <summary>HTTP/1.1 over TLS 1.3 with a P-256 certificate.</summary>
    Tls,

    /// <summary>HTTP/1.1 in clear text, which the proxy takes to its own other side over mutual TLS 1.3 before it goes to the backend.</summary>
    MutualTls,
}

/// <summary>A kind of load that another program makes: h2load, or openssl for handshakes.</summary>
/// <param name="Name">As --shape takes it.</param>
/// <param name="Title">As the table shows it.</param>
/// <param name="Speech">Which listener it loads.</param>
/// <param name="Unit">What is counted.</param>
internal sealed record Tool(string Name, string Title, Speech Speech, string Unit)
{
    public const int Connections = 8;

    /// <summary>Streams at once on each connection (HTTP/2).</summary>
    public int Streams { get; init; } = 1;

    /// <summary>How openssl connects again and again: -new or -reuse; null for requests on connections that stay.</summary>
    public string? Handshakes { get; init; }

    public static IReadOnlyList<Tool> All { get; } =
    [
        new("h2x1", $"HTTP/2, 512 B, {Connections} connections x 1 stream", Speech.Http2, "request"),
        new("h2x16", $"HTTP/2, 512 B, {Connections} connections x 16 streams", Speech.Http2, "request") { Streams = 16 },
        new("h2x100", $"HTTP/2, 512 B, {Connections} connections x 100 streams", Speech.Http2, "request") { Streams = 100 },
        new("tls", "TLS 1.3, HTTP/1.1, 512 B, 8 connections", Speech.Tls, "request"),
        new("mtls", "mutual TLS 1.3 proxy to proxy, HTTP/1.1, 512 B, 8 connections", Speech.MutualTls, "request"),
        new("tls-full", "TLS 1.3, full handshake and one request", Speech.Tls, "handshake") { Handshakes = "-new" },
        new("tls-resumed", "TLS 1.3, resumption and one request", Speech.Tls, "handshake") { Handshakes = "-reuse" },
    ];
}
