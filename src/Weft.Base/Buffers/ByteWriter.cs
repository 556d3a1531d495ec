using System.Buffers.Text;

namespace Weft.Base.Buffers;

/// <summary>A growable byte array to format into; kept and reused by its owner, so steady state allocates nothing. One thread.</summary>
public sealed class ByteWriter(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];

    /// <summary>Bytes written since the last <see cref="Clear"/>.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets everything behind <paramref name="length"/>.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>Writes over what was written before.</summary>
    /// <param name="position">Where; it must have been written.</param>
    /// <param name="data">Must end before <see cref="Length"/>.</param>
    public void Overwrite(int position, ReadOnlySpan<byte> data) => data.CopyTo(_bytes.AsSpan(position, Length - position));

    /// <summary>At least <paramref name="size"/> writable bytes; follow with <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (_bytes.Length - Length < size)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + size));
        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public void Write(ReadOnlySpan<byte> data)
    {
        data.CopyTo(GetSpan(data.Length));
        Length += data.Length;
    }

    public void Write(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    /// <summary>Writes text as UTF-8.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        var span = GetSpan(text.Length * 3);
        Length += System.Text.Encoding.UTF8.GetBytes(text, span);
    }

    /// <summary>Writes a number in decimal.</summary>
    public void Write(long value)
    {
        Utf8Formatter.TryFormat(value, GetSpan(20), out var written);
        Length += written;
    }
}
