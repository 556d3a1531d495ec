using System.Runtime.InteropServices;

namespace Weft.Http.Http2.Hpack;

/// <summary>
/// Fields to header blocks (RFC 7541). What is likely to come again goes to the dynamic table, found again by a hash of name and
/// value; two fields that share a place in that index cost compression, nothing else. One direction of one connection.
/// </summary>
internal sealed class HpackEncoder
{
    /// <summary>The size that both ends start with (RFC 9113 section 6.5.2).</summary>
    public const int DefaultTableSize = 4096;

    /// <summary>Bytes that a field takes at most beyond its name and value.</summary>
    public const int FieldOverhead = 1 + 3 * HpackInteger.MaxBytes;

    /// <summary>Bytes that changes of the table size take at most at the beginning of a block.</summary>
    public const int BlockOverhead = 2 * HpackInteger.MaxBytes;

    private const int IndexBits = 7;

    private readonly DynamicTable _table = new(DefaultTableSize);

    // Entry numbers by hash, one more than the number; 0: none.
    private uint[] _byField = [];
    private uint[] _byName = [];
    private int _smallestSize = int.MaxValue;
    private bool _sizeChanged;

    /// <summary>The peer's SETTINGS_HEADER_TABLE_SIZE, and our own wish, allow so much; told to the peer in the next block.</summary>
    public void SetTableSize(int size)
    {
        if (size == _table.MaxSize) return;
        _sizeChanged = true;
        _smallestSize = Math.Min(_smallestSize, size);
        _table.Resize(size);
    }

    /// <summary>Writes what must stand at the beginning of a block; returns the number of bytes, <see cref="BlockOverhead"/> at most.</summary>
    public int WriteBlockStart(Span<byte> output)
    {
        if (!_sizeChanged) return 0;
        var written = 0;
        // RFC 7541 section 4.2: the smallest size in between is told too, since entries went for it.
        if (_smallestSize < _table.MaxSize) written = HpackInteger.Write(output, 0x20, 5, _smallestSize);
        written += HpackInteger.Write(output[written..], 0x20, 5, _table.MaxSize);
        _sizeChanged = false;
        _smallestSize = int.MaxValue;
        return written;
    }

    /// <summary>Writes one field; returns the number of bytes: at most those of name and value and <see cref="FieldOverhead"/>.</summary>
    public int WriteField(Span<byte> output, KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (known != KnownHeader.None && StaticTable.IndexOf(known, value) is > 0 and var whole)
            return HpackInteger.Write(output, 0x80, 7, whole);
        var keeping = FieldKeeping.Of(known, name, value, _table.MaxSize);
        if (keeping != Keeping.Keep)
            return WriteLiteral(output, keeping == Keeping.Never ? (byte)0x10 : (byte)0, 4, NameIndex(known, name, HashOf(name)), name, value);

        var nameHash = HashOf(name);
        var hash = nameHash ^ (HashOf(value) * 31);
        if (FindField(hash, name, value) is >= 0 and var index)
            return HpackInteger.Write(output, 0x80, 7, StaticTable.Count + 1 + index);
        var written = WriteLiteral(output, 0x40, 6, NameIndex(known, name, nameHash), name, value);
        if (_table.Add(known, name, value, FieldFault.None)) Remember(nameHash, hash);
        return written;
    }

    private static int WriteLiteral(Span<byte> output, byte pattern, int prefixBits, int nameIndex, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var written = HpackInteger.Write(output, pattern, prefixBits, nameIndex);
        if (nameIndex == 0) written += WriteString(output[written..], name);
        return written + WriteString(output[written..], value);
    }

    private static int WriteString(Span<byte> output, ReadOnlySpan<byte> text)
    {
        var coded = HuffmanEncoder.EncodedLength(text);
        if (coded < text.Length)
        {
            var start = HpackInteger.Write(output, 0x80, 7, coded);
            HuffmanEncoder.Encode(text, output[start..]);
            return start + coded;
        }

        var at = HpackInteger.Write(output, 0, 7, text.Length);
        text.CopyTo(output[at..]);
        return at + text.Length;
    }

    private int NameIndex(KnownHeader known, ReadOnlySpan<byte> name, uint hash)
    {
        if (StaticTable.IndexOf(known) is > 0 and var index) return index;
        if (_byName.Length == 0) return 0;
        var number = _byName[hash >> (32 - IndexBits)] - 1;
        if (!_table.Contains(number)) return 0;
        ref var entry = ref _table.AtNumber(number);
        return _table.NameOf(ref entry).SequenceEqual(name) ? StaticTable.Count + (int)(_table.Next - number) : 0;
    }

    /// <summary>The field's place in the dynamic table, 0 for the newest; -1 when it is not there.</summary>
    private int FindField(uint hash, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_byField.Length == 0) return -1;
        var number = _byField[hash >> (32 - IndexBits)] - 1;
        if (!_table.Contains(number)) return -1;
        ref var entry = ref _table.AtNumber(number);
        return _table.NameOf(ref entry).SequenceEqual(name) && _table.ValueOf(ref entry).SequenceEqual(value)
            ? (int)(_table.Next - 1 - number)
            : -1;
    }

    private void Remember(uint nameHash, uint hash)
    {
        if (_byField.Length == 0)
        {
            _byField = new uint[1 << IndexBits];
            _byName = new uint[1 << IndexBits];
        }

        // The number of the entry just added is Next - 1; one more is kept.
        _byField[hash >> (32 - IndexBits)] = _table.Next;
        _byName[nameHash >> (32 - IndexBits)] = _table.Next;
    }

    private static uint HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) hash = (hash ^ word) * 0x9E3779B97F4A7C15;
        foreach (var c in bytes[(bytes.Length & ~7)..]) hash = (hash ^ c) * 0x9E3779B97F4A7C15;
        return (uint)(hash >> 32);
    }
}
