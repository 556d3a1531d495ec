using System.Buffers.Binary;

namespace Weft.Base.Hashing;

/// <summary>MurmurHash64A as libstdc++ has it for std::hash of strings: the other hash function of RING_HASH. Any thread.</summary>
public static class MurmurHash2
{
    /// <summary>The seed of std::hash, and of Envoy's rings.</summary>
    public const ulong StandardSeed = 0xC70F6907;

    private const ulong Multiplier = 0xC6A4A7935BD1E995;

    public static ulong Hash(ReadOnlySpan<byte> data, ulong seed = StandardSeed)
    {
        var hash = seed ^ ((ulong)data.Length * Multiplier);
        var rest = data;
        for (; rest.Length >= 8; rest = rest[8..])
            hash = (hash ^ (Mix(BinaryPrimitives.ReadUInt64LittleEndian(rest) * Multiplier) * Multiplier)) * Multiplier;
        if (!rest.IsEmpty)
        {
            Span<byte> last = stackalloc byte[8];
            last.Clear();
            rest.CopyTo(last);
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(last)) * Multiplier;
        }
        return Mix(Mix(hash) * Multiplier);
    }

    private static ulong Mix(ulong value) => value ^ (value >> 47);
}
