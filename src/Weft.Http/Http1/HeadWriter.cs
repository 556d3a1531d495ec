using System.Buffers.Text;
using Weft.Base.Buffers;

namespace Weft.Http.Http1;

/// <summary>Writes a head piece by piece into one span of an output queue; what exceeds the span is appended, at any size.</summary>
internal ref struct HeadWriter
{
    private readonly ByteQueue _output;
    private Span<byte> _span;
    private int _written;

    /// <param name="expected">Bytes that will be written at most, if known; a larger head is slower, not wrong.</param>
    public HeadWriter(ByteQueue output, int expected)
    {
        _output = output;
        _span = output.GetSpan(Math.Min(expected, BufferPool.BlockBytes));
    }

    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.TryCopyTo(_span[_written..]))
        {
            _written += bytes.Length;
            return;
        }

        Finish();
        _output.Append(bytes);
    }

    public void Write(int number)
    {
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(number, digits, out var length);
        Write(digits[..length]);
    }

    /// <summary>Hands what was written to the queue.</summary>
    public void Finish()
    {
        if (_written > 0) _output.Advance(_written);
        _span = default;
        _written = 0;
    }
}
