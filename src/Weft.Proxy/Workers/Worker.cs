using Weft.Base;
using Weft.Net;

namespace Weft.Proxy.Workers;

/// <summary>One data-plane thread (and, with the same parts, the main thread): its loop, its random numbers, its live clusters.</summary>
public sealed class Worker
{
    /// <summary>0-based; the main thread has the highest.</summary>
    public required int Index { get; init; }

    public required EventLoop Loop { get; init; }

    public required RandomSource Random { get; init; }
}
