using System.Buffers.Binary;
using Weft.Base.Buffers;

namespace Weft.Http.Grpc;

/// <summary>
/// Messages in the body of a gRPC call: a byte that says whether it is compressed, four of length, the message. Takes them out of pieces as
/// they come. One thread.
/// </summary>
/// <param name="maxMessageBytes">A longer message is a fault.</param>
public sealed class GrpcFrames(int maxMessageBytes)
{
    /// <summary>What stands before each message.</summary>
    public const int PrefixBytes = 5;

    /// <summary>A buffer that has grown larger for one message is given back behind it.</summary>
    private const int KeptBytes = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _length;

    /// <summary>Memory that is held for what has come, to be counted against a limit over many calls.</summary>
    public int BufferBytes => _buffer.Length;

    /// <summary>Messages may be compressed: who takes them undoes it. Without it they are a fault.</summary>
    public bool TakesCompressed { get; init; }

    /// <summary>Of the message that was taken last.</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>Appends a prefix and a message.</summary>
    public static void Write(ReadOnlySpan<byte> message, ByteWriter output)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], message.Length);
        output.Write(prefix);
        output.Write(message);
    }

    /// <summary>Takes a piece of the body.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        if (_buffer.Length - _start - _length < piece.Length)
            MakeRoom(piece.Length);
        piece.CopyTo(_buffer.AsSpan(_start + _length));
        _length += piece.Length;
    }

    /// <summary>Takes the next message, if it is whole.</summary>
    /// <param name="message">The message, until the next call of any member.</param>
    /// <returns>Whether there was one; null: the body cannot be read any further (compressed, which nobody asked for, or too long).</returns>
    public bool? TryTake(out ReadOnlySpan<byte> message)
    {
        message = default;
        if (_length == 0 && _buffer.Length > KeptBytes)
            Clear();
        if (_length < PrefixBytes)
            return false;
        var available = _buffer.AsSpan(_start, _length);
        var length = BinaryPrimitives.ReadUInt32BigEndian(available[1..]);
        if (available[0] > (TakesCompressed ? 1 : 0) || length > maxMessageBytes)
            return null;
        if (_length < PrefixBytes + (int)length)
            return false;
        IsCompressed = available[0] != 0;
        message = available.Slice(PrefixBytes, (int)length);
        _start += PrefixBytes + (int)length;
        _length -= PrefixBytes + (int)length;
        return true;
    }

    /// <summary>Forgets what has come: another call begins.</summary>
    public void Clear() => (_buffer, _start, _length) = ([], 0, 0);

    private void MakeRoom(int bytes)
    {
        var target = _buffer.Length >= _length + bytes ? _buffer : new byte[Math.Max(_length + bytes, Math.Max(1024, _buffer.Length * 2))];
        _buffer.AsSpan(_start, _length).CopyTo(target);
        (_buffer, _start) = (target, 0);
    }
}
