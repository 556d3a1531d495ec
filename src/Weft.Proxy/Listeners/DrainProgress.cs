using Weft.Base;

namespace Weft.Proxy.Listeners;

/// <summary>
/// How far a drain has come on one worker: clients are asked to go elsewhere one after the other over a time, so that they do not all connect
/// again in one moment (--drain-strategy gradual). Immutable.
/// </summary>
/// <param name="startMs">When it began, by the worker's clock.</param>
/// <param name="overMs">When everybody has been asked, after the start; 0: at once.</param>
internal sealed class DrainProgress(long startMs, long overMs)
{
    private const int Steps = 64;
    private const long MinStepMs = 50;

    /// <summary>How often quiet connections are looked at.</summary>
    public long StepMs { get; } = Math.Max(overMs / Steps, MinStepMs);

    public bool IsOver(long nowMs) => nowMs - startMs >= overMs;

    /// <summary>Whether this response asks its client to close: the share of those that do grows evenly from none to all.</summary>
    public bool AsksForClose(long nowMs, RandomSource random) => Draw(nowMs - startMs, overMs, random);

    /// <summary>Whether a quiet connection ends now, if it is asked every <see cref="StepMs"/>: the ends are spread evenly.</summary>
    public bool EndsQuiet(long nowMs, RandomSource random) => Draw(StepMs, overMs - (nowMs - startMs), random);

    private static bool Draw(long part, long whole, RandomSource random) => part >= whole || random.Next((uint)Math.Min(whole, uint.MaxValue)) < part;
}
