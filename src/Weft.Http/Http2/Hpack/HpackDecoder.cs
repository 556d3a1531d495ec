using Weft.Base.Buffers;

namespace Weft.Http.Http2.Hpack;

/// <summary>
/// Header blocks to fields (RFC 7541). Fields go to a <see cref="FieldCollector"/>; a block is decoded to its end even when its message is
/// refused, because the blocks behind it depend on it. One direction of one connection.
/// </summary>
/// <param name="tableSize">What the peer may use from the beginning.</param>
/// <param name="scratch">For decoded strings; shared by the connections of a thread.</param>
internal sealed class HpackDecoder(int tableSize, ByteWriter scratch)
{
    private readonly DynamicTable _table = new(tableSize);
    private int _maxSize = tableSize;

    /// <summary>The peer has acknowledged SETTINGS_HEADER_TABLE_SIZE: from here on it may ask for no more (RFC 7541 section 4.2).</summary>
    public void Limit(int size) => _maxSize = size;

    /// <summary>Decodes one whole block. False for a block that breaks RFC 7541, after which the connection cannot go on (COMPRESSION_ERROR).</summary>
    public bool Decode(ReadOnlySpan<byte> block, FieldCollector collector)
    {
        var mayResize = true;
        for (var at = 0; at < block.Length;)
        {
            scratch.Clear();
            var first = block[at];
            if ((first & 0xE0) == 0x20)
            {
                if (!mayResize || !Resize(block, ref at)) return false;
                continue;
            }

            mayResize = false;
            var isDecoded = (first & 0x80) != 0 ? DecodeIndexed(block, ref at, collector)
                : (first & 0x40) != 0 ? DecodeLiteral(block, ref at, 6, addsToTable: true, collector)
                : DecodeLiteral(block, ref at, 4, addsToTable: false, collector);
            if (!isDecoded) return false;
        }

        return true;
    }

    /// <summary>RFC 7541 section 6.3; section 4.2 allows it at the beginning of a block only.</summary>
    private bool Resize(ReadOnlySpan<byte> block, ref int at)
    {
        var size = HpackInteger.Read(block, ref at, 5);
        if (size < 0 || size > _maxSize) return false;
        _table.Resize(size);
        return true;
    }

    private bool DecodeIndexed(ReadOnlySpan<byte> block, ref int at, FieldCollector collector)
    {
        var index = HpackInteger.Read(block, ref at, 7);
        if (index <= 0) return false;
        if (index <= StaticTable.Count)
        {
            collector.Add(StaticTable.KnownAt(index), StaticTable.NameAt(index), StaticTable.ValueAt(index), FieldFault.None);
            return true;
        }

        index -= StaticTable.Count + 1;
        if (index >= _table.Count) return false;
        ref var entry = ref _table.At(index);
        collector.Add(entry.Known, _table.NameOf(ref entry), _table.ValueOf(ref entry), entry.Fault);
        return true;
    }

    private bool DecodeLiteral(ReadOnlySpan<byte> block, ref int at, int prefixBits, bool addsToTable, FieldCollector collector)
    {
        var index = HpackInteger.Read(block, ref at, prefixBits);
        if (index < 0 || !ReadName(block, ref at, index, addsToTable, out var known, out var name)) return false;
        if (!ReadString(block, ref at, out var value)) return false;
        var fault = FieldCollector.Check(known, name, value);
        collector.Add(known, name, value, fault);
        if (addsToTable) _table.Add(known, name, value, fault);
        return true;
    }

    /// <param name="isKept">The name is used once more after the table has changed.</param>
    private bool ReadName(ReadOnlySpan<byte> block, ref int at, int index, bool isKept, out KnownHeader known, out ReadOnlySpan<byte> name)
    {
        known = KnownHeader.None;
        if (index == 0)
        {
            if (!ReadString(block, ref at, out name)) return false;
            known = KnownHeaderNames.Find(name);
            return true;
        }

        if (index <= StaticTable.Count)
        {
            known = StaticTable.KnownAt(index);
            name = StaticTable.NameAt(index);
            return true;
        }

        name = default;
        index -= StaticTable.Count + 1;
        if (index >= _table.Count) return false;
        ref var entry = ref _table.At(index);
        known = entry.Known;
        name = _table.NameOf(ref entry);
        if (isKept) name = Keep(name);
        return true;
    }

    /// <summary>RFC 7541 section 5.2.</summary>
    private bool ReadString(ReadOnlySpan<byte> block, ref int at, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (at == block.Length) return false;
        var isHuffman = (block[at] & 0x80) != 0;
        var length = HpackInteger.Read(block, ref at, 7);
        if (length < 0 || length > block.Length - at) return false;
        text = block.Slice(at, length);
        at += length;
        return !isHuffman || Decompress(ref text);
    }

    private bool Decompress(ref ReadOnlySpan<byte> text)
    {
        var room = scratch.GetSpan(HuffmanDecoder.MaxDecodedLength(text.Length));
        var length = HuffmanDecoder.Decode(text, room);
        if (length < 0) return false;
        scratch.Advance(length);
        text = room[..length];
        return true;
    }

    private ReadOnlySpan<byte> Keep(ReadOnlySpan<byte> name)
    {
        var room = scratch.GetSpan(name.Length);
        name.CopyTo(room);
        scratch.Advance(name.Length);
        return room[..name.Length];
    }
}
