using System.Buffers.Binary;

namespace Weft.Proxy.Routing.Scopes;

/// <summary>Writes the key of a scope: every fragment behind its length, so that keys are equal only when all their fragments are.</summary>
internal ref struct ScopeKeyWriter(Span<byte> buffer)
{
    private const int LengthBytes = sizeof(int);

    private readonly Span<byte> _buffer = buffer;

    /// <summary>What was written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What a fragment takes.</summary>
    public static int SizeOf(int fragmentBytes) => LengthBytes + fragmentBytes;

    /// <summary>False when there is no room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> fragment)
    {
        var rest = _buffer[Length..];
        if (rest.Length < SizeOf(fragment.Length))
            return false;
        BinaryPrimitives.WriteInt32LittleEndian(rest, fragment.Length);
        fragment.CopyTo(rest[LengthBytes..]);
        Length += SizeOf(fragment.Length);
        return true;
    }
}
