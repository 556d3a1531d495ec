using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weft.Proxy.Dns;

/// <summary>
/// A domain name in the form it has on the wire (RFC 1035 section 3.1), lower-cased so that equal names have equal bytes.
/// Immutable.
/// </summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>RFC 1035 section 2.3.4: octets of a name, lengths and the final zero included.</summary>
    public const int MaxWireBytes = 255;

    private const int MaxLabelBytes = 63;

    private readonly byte[] _wire;

    private DnsName(ReadOnlySpan<byte> wire) => _wire = wire.ToArray();

    /// <summary>Length-prefixed labels, ended by the root's zero.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>Takes a name as people write it, with or without a final dot. False for what cannot be asked for: empty or long labels, other than ASCII.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[MaxWireBytes];
        var length = 0;
        var rest = text.AsSpan();
        if (rest is [.. var front, '.'])
            rest = front;
        if (rest.IsEmpty)
            return false;
        while (!rest.IsEmpty)
        {
            var dot = rest.IndexOf('.');
            var label = dot < 0 ? rest : rest[..dot];
            if (label.IsEmpty || label.Length > MaxLabelBytes || length + label.Length + 2 > MaxWireBytes || dot == rest.Length - 1)
                return false;
            wire[length++] = (byte)label.Length;
            foreach (var c in label)
            {
                if (c is <= ' ' or > '~')
                    return false;
                wire[length++] = ToLower((byte)c);
            }
            rest = dot < 0 ? [] : rest[(dot + 1)..];
        }
        wire[length++] = 0;
        name = new DnsName(wire[..length]);
        return true;
    }

    /// <summary>
    /// Reads a possibly compressed name (RFC 1035 section 4.1.4) and moves <paramref name="position"/> behind it. A pointer
    /// must point before the name it is part of, and each further one before the last, so that reading ends on any input.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int position, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[MaxWireBytes];
        var length = 0;
        var at = position;
        var floor = position;
        var end = -1;
        while (true)
        {
            if ((uint)at >= (uint)message.Length)
                return false;
            var size = message[at];
            if (size == 0)
                break;
            if ((size & 0xC0) == 0xC0)
            {
                if (at + 1 >= message.Length)
                    return false;
                var target = ((size & 0x3F) << 8) | message[at + 1];
                if (target >= floor)
                    return false;
                if (end < 0)
                    end = at + 2;
                at = floor = target;
                continue;
            }
            // The two other values of the top bits are reserved: labels have at most 63 bytes.
            if (size > MaxLabelBytes || at + 1 + size > message.Length || length + size + 2 > MaxWireBytes)
                return false;
            wire[length++] = size;
            foreach (var b in message.Slice(at + 1, size))
                wire[length++] = ToLower(b);
            at += 1 + size;
        }
        wire[length++] = 0;
        position = end < 0 ? at + 1 : end;
        name = new DnsName(wire[..length]);
        return true;
    }

    public bool Equals(DnsName? other) => other is not null && _wire.AsSpan().SequenceEqual(other._wire);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_wire);
        return hash.ToHashCode();
    }

    /// <summary>For logs; bytes outside printable ASCII appear as <c>?</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var at = 0; _wire[at] != 0; at += 1 + _wire[at])
        {
            if (at > 0)
                text.Append('.');
            foreach (var b in _wire.AsSpan(at + 1, _wire[at]))
                text.Append(b is > (byte)' ' and <= (byte)'~' ? (char)b : '?');
        }
        return text.ToString();
    }

    private static byte ToLower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
}
