using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Routing;

/// <summary>Compares host names as bytes without regard to case, so that a received host is looked up as it stands.</summary>
internal sealed class DomainKey : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    /// <summary>Sets the bit in which letters of both cases differ; other bytes that it makes equal are told apart by Equals.</summary>
    private const ulong LowerCaseBits = 0x2020202020202020;

    public static readonly DomainKey Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x is null || y is null ? x == y : AsciiBytes.EqualsIgnoreCase(x, y);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => AsciiBytes.EqualsIgnoreCase(alternate, other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = (ulong)alternate.Length * Multiplier;
        while (alternate.Length >= 8)
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(alternate));
            alternate = alternate[8..];
        }

        ulong rest = 0;
        alternate.CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref rest)));
        hash = Mix(hash, rest);
        return (int)(hash >> 32);
    }

    private static ulong Mix(ulong hash, ulong word)
        => (BitOperations.RotateLeft(hash, 27) ^ (word | LowerCaseBits)) * Multiplier;
}
