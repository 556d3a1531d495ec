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
    public const string Tcp = "tcp";
    public const string Allocation = "alloc";

    public const int SmallBytes = 512;
    public const int LargeBytes = 64 * 1024;

    /// <summary>Connections of the open loop, of the warm-up and of the count of allocated bytes.</summary>
    public const int UsualConnections = 64;

    public static IReadOnlyList<Shape> Closed { get; } =
    [
        new("512x1", "512 B, 1 connection", SmallBytes, 1),
        new("512x64", "512 B, 64 connections", SmallBytes, UsualConnections),
        new("512x512", "512 B, 512 connections", SmallBytes, 512),
        new("64kx1", "64 KB, 1 connection", LargeBytes, 1),
        new("64kx64", "64 KB, 64 connections", LargeBytes, UsualConnections),
        new("64kx512", "64 KB, 512 connections", LargeBytes, 512),
    ];

    public static IEnumerable<string> AllNames => Closed.Select(s => s.Name).Concat([Open, Idle, Tcp, Allocation]);
}
