using System.Numerics;
using System.Runtime.InteropServices;

namespace Weft.Base;

/// <summary>
/// xoshiro256++ for one thread: load balancing, jitter, sampling, request ids. Fast and reproducible from its seed;
/// not for secrets.
/// </summary>
public sealed class RandomSource
{
    private ulong _s0, _s1, _s2, _s3;

    /// <param name="seed">Any value; equal seeds give equal sequences.</param>
    public RandomSource(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>A source seeded by the operating system.</summary>
    public static RandomSource FromSystem()
    {
        Span<ulong> seed = stackalloc ulong[1];
        SystemRandom.Fill(MemoryMarshal.AsBytes(seed));
        return new RandomSource(seed[0]);
    }

    /// <summary>Uniform from 0 to below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>64 uniform bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_s0 + _s3, 23) + _s0;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, <paramref name="bound"/>); 0 when the bound is 0.</summary>
    public uint Next(uint bound) => (uint)(((Next() >> 32) * bound) >> 32);

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
