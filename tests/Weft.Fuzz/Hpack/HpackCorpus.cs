using System.Text;
using Weft.Base;
using Weft.Http.Http2.Hpack;

namespace Weft.Fuzz.Hpack;

/// <summary>The header blocks of one connection, made from parts: every form of a field, both forms of strings, changes of the table's size.</summary>
internal sealed class HpackCorpus(RandomSource random, int tableSize)
{
    private static readonly string[] Names =
        ["x-a", "x-b", "cookie", "content-type", "a-name-of-more-than-thirty-two-bytes", "grpc-status", "te", ":status", "x_under", "Upper", "", "a b", "\u00e4"];
    private static readonly string[] Values = ["", "1", "trailers", "abc", "a b", "application/grpc", " x", "a\r\nb", "\u00ff\0", new string('v', 300)];

    // Fields that were added, of which the table may have dropped some: references to those are part of it.
    private int _kept;

    public List<byte> Block()
    {
        var block = new List<byte>();
        for (var sizes = random.Next(8) == 0 ? 1 + random.Next(2) : 0; sizes > 0; sizes--)
            AddNumber(block, 0x20, 5, (int)random.Next((uint)tableSize + (random.Next(32) == 0 ? 100u : 1u)));
        for (var fields = random.Next(8); fields > 0; fields--)
            AddField(block);
        return block;
    }

    private void AddField(List<byte> block)
    {
        if (random.Next(3) == 0)
        {
            AddNumber(block, 0x80, 7, Index());
            return;
        }

        var nameIndex = random.Next(3) == 0 ? Index() : 0;
        if (random.Next(2) == 0)
        {
            AddNumber(block, 0x40, 6, nameIndex);
            _kept++;
        }
        else
        {
            AddNumber(block, (byte)(random.Next(2) * 0x10), 4, nameIndex);
        }

        if (nameIndex == 0)
            AddText(block, Pick(Names));
        AddText(block, Pick(Values));
    }

    private int Index()
    {
        if (random.Next(64) == 0)
            return (int)random.Next(200);
        return (int)(_kept == 0 || random.Next(2) == 0 ? 1 + random.Next(61) : 62 + random.Next((uint)Math.Min(_kept, 4)));
    }

    private string Pick(string[] from) => from[random.Next(random.Next(16) == 0 ? (uint)from.Length : 6)];

    private void AddText(List<byte> block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (random.Next(2) == 0)
        {
            AddNumber(block, 0, 7, bytes.Length);
            block.AddRange(bytes);
            return;
        }

        var coded = new byte[HuffmanEncoder.EncodedLength(bytes)];
        HuffmanEncoder.Encode(bytes, coded);
        AddNumber(block, 0x80, 7, coded.Length);
        block.AddRange(coded);
    }

    private static void AddNumber(List<byte> block, byte pattern, int prefixBits, int value)
    {
        var bytes = new byte[HpackInteger.MaxBytes];
        block.AddRange(bytes[..HpackInteger.Write(bytes, pattern, prefixBits, value)]);
    }
}
