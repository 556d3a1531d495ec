using System.Numerics;
using System.Text;
using Weft.Http.Http2.Hpack;

namespace Weft.Fuzz.Hpack;

/// <summary>A reader of header blocks in the plainest way there is, with which the decoder must agree: lists of strings, bit by bit, numbers of any size.</summary>
internal sealed class NaiveHpack
{
    private const int StaticCount = 61;
    private const int EntryOverhead = 32;

    /// <summary>The decoder's own limit: RFC 7541 section 5.1 leaves it to the implementation.</summary>
    private const int MaxInteger = (1 << 28) - 1;

    private static readonly Dictionary<(int Bits, uint Code), int> s_symbols = Enumerable.Range(0, HuffmanCode.Lengths.Length)
        .ToDictionary(static s => ((int)HuffmanCode.Lengths[s], HuffmanCode.Codes[s]));

    private readonly List<(string Name, string Value)> _table = [];
    private readonly int _announcedSize;
    private int _size;
    private byte[] _block = [];
    private int _at;

    public NaiveHpack(int announcedSize) => _size = _announcedSize = announcedSize;

    /// <summary>The fields of a block; null when it breaks the format.</summary>
    public List<(string Name, string Value)>? Read(byte[] block)
    {
        (_block, _at) = (block, 0);
        var fields = new List<(string, string)>();
        try
        {
            while (_at < block.Length)
            {
                if (block[_at] >> 5 == 1)
                    ChangeSize(atStart: fields.Count == 0);
                else
                    fields.Add(ReadField());
            }
        }
        catch (FormatException)
        {
            return null;
        }

        return fields;
    }

    private void ChangeSize(bool atStart)
    {
        var size = ReadNumber(5);
        Require(atStart && size <= _announcedSize);
        _size = size;
        Evict(0);
    }

    private (string Name, string Value) ReadField()
    {
        var first = _block[_at];
        if (first >= 0x80)
            return Entry(ReadNumber(7));
        var isKept = (first & 0x40) != 0;
        var index = ReadNumber(isKept ? 6 : 4);
        var name = index > 0 ? Entry(index).Name : ReadText();
        var field = (name, ReadText());
        if (!isKept)
            return field;
        Evict(SizeOf(field));
        if (SizeOf(field) <= _size)
            _table.Insert(0, field);
        return field;
    }

    private (string Name, string Value) Entry(int index)
    {
        Require(index > 0 && index <= StaticCount + _table.Count);
        return index > StaticCount
            ? _table[index - StaticCount - 1]
            : (Encoding.Latin1.GetString(StaticTable.NameAt(index)), Encoding.Latin1.GetString(StaticTable.ValueAt(index)));
    }

    private void Evict(int room)
    {
        while (_table.Count > 0 && _table.Sum(SizeOf) + room > _size)
            _table.RemoveAt(_table.Count - 1);
    }

    private static int SizeOf((string Name, string Value) field) => field.Name.Length + field.Value.Length + EntryOverhead;

    private int ReadNumber(int prefixBits)
    {
        BigInteger number = _block[_at++] & ((1 << prefixBits) - 1);
        if (number < (1 << prefixBits) - 1)
            return (int)number;
        for (var shift = 0; ; shift += 7)
        {
            Require(_at < _block.Length && shift <= 28);
            var next = _block[_at++];
            number += (BigInteger)(next & 0x7F) << shift;
            Require(number <= MaxInteger);
            if (next < 0x80)
                return (int)number;
        }
    }

    private string ReadText()
    {
        Require(_at < _block.Length);
        var isHuffman = _block[_at] >= 0x80;
        var length = ReadNumber(7);
        Require(length <= _block.Length - _at);
        var bytes = _block[_at..(_at + length)];
        _at += length;
        return isHuffman ? Decompress(bytes) : Encoding.Latin1.GetString(bytes);
    }

    private static string Decompress(byte[] bytes)
    {
        var text = new StringBuilder();
        var (bits, code) = (0, 0u);
        for (var i = 0; i < bytes.Length * 8; i++)
        {
            code = (code << 1) | ((uint)(bytes[i / 8] >> (7 - i % 8)) & 1);
            if (!s_symbols.TryGetValue((++bits, code), out var symbol))
            {
                Require(bits < HuffmanCode.LongestBits);
                continue;
            }

            Require(symbol != HuffmanCode.EndOfString);
            text.Append((char)symbol);
            (bits, code) = (0, 0);
        }

        // Less than a byte of ones is left.
        Require(bits < 8 && code == (1u << bits) - 1);
        return text.ToString();
    }

    private static void Require(bool holds)
    {
        if (!holds)
            throw new FormatException();
    }
}
