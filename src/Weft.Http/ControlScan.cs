using System.Runtime.CompilerServices;

namespace Weft.Http;

/// <summary>Walks the control characters of received bytes, which are found 32 bytes at a time. Reads up to <see cref="HeaderMap.Padding"/> bytes behind the end.</summary>
internal ref struct ControlScan
{
    private const int BlockBytes = 32;

    private int _block;

    /// <summary>A bit for each control character of the block that has not been passed.</summary>
    private uint _mask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ControlScan(ref byte bytes, int start)
    {
        _block = start;
        _mask = ByteScan.Controls(ref bytes, start);
    }

    /// <summary>The index of the next control character, which is not passed yet; at or behind <paramref name="end"/> when there is none before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(ref byte bytes, int end)
    {
        while (_mask == 0)
        {
            _block += BlockBytes;
            if (_block >= end) return end;
            _mask = ByteScan.Controls(ref bytes, _block);
        }

        return _block + (int)uint.TrailingZeroCount(_mask);
    }

    /// <summary>Passes everything before <paramref name="index"/>, which lies at most two bytes behind the last one found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SkipTo(ref byte bytes, int index)
    {
        if (index - _block >= BlockBytes)
        {
            _block += BlockBytes;
            _mask = ByteScan.Controls(ref bytes, _block);
        }

        _mask &= uint.MaxValue << (index - _block);
    }
}
