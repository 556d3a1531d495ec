using System.Buffers.Binary;
using System.Text;
using Weft.Base;

namespace Weft.Fuzz.Http2;

/// <summary>What a peer sends: frames made from parts, mostly valid, some that break a rule, with blocks of fields that use every form HPACK has.</summary>
internal static class FrameCorpus
{
    private const byte EndStream = 1, EndHeaders = 4, Padded = 8, Priority = 0x20;

    private static readonly string[] Names =
        ["x-a", "x-b", "content-length", "te", "cookie", "host", "content-type", "grpc-status", "x_under", "connection", "Upper", "", ":status", ":path", "a b"];
    private static readonly string[] Values = ["", "1", "5", "trailers", "abc", " x", "a\r\nb", "\u00ff", "application/grpc", new string('v', 200)];

    /// <summary>The frames of one peer, behind its preface.</summary>
    public static List<byte> Conversation(RandomSource random, bool isResponse)
    {
        var bytes = new List<byte>();
        if (!isResponse) bytes.AddRange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Add(bytes, 4, 0, 0, random.Next(3) == 0 ? [0, 4, 0, 1, 0, 0] : []);
        var next = 1;
        for (var frames = 1 + random.Next(8); frames > 0; frames--) AddSome(bytes, random, isResponse, ref next);
        return bytes;
    }

    private static void AddSome(List<byte> bytes, RandomSource random, bool isResponse, ref int next)
    {
        var stream = 1 + 2 * (int)random.Next(3);
        switch (random.Next(15))
        {
            case <= 5:
                if (!isResponse && random.Next(4) != 0)
                {
                    stream = next;
                    next += 2;
                }

                AddHeaders(bytes, random, stream, Block(random, isResponse));
                break;
            case <= 8:
                AddData(bytes, random, stream);
                break;
            case 9:
                Add(bytes, 8, 0, random.Next(2) == 0 ? 0 : stream, Number(random.Next(2) == 0 ? random.Next(100_000) : (uint)random.Next()));
                break;
            case 10:
                Add(bytes, 3, 0, stream, Number(8));
                break;
            case 11:
                Add(bytes, 6, (byte)random.Next(2), 0, new byte[8]);
                break;
            case 12:
                Add(bytes, 4, 0, 0, [0, (byte)random.Next(9), .. Number(random.Next(70_000))]);
                break;
            case 13:
                // METADATA: a block of its own, whole or the beginning of one.
                Add(bytes, 0x4D, (byte)(random.Next(3) == 0 ? 0 : EndHeaders), stream, random.Next(5) == 0 ? [] : Block(random, isResponse));
                break;
            default:
                Add(bytes, (byte)random.Next(12), (byte)random.Next(256), stream, new byte[random.Next(12)]);
                break;
        }
    }

    private static void AddHeaders(List<byte> bytes, RandomSource random, int stream, byte[] block)
    {
        var end = random.Next(2) == 0 ? EndStream : (byte)0;
        switch (random.Next(4))
        {
            case 0 when block.Length > 1:
                var cut = 1 + (int)random.Next((uint)block.Length - 1);
                Add(bytes, 1, end, stream, block[..cut]);
                Add(bytes, 9, EndHeaders, stream, block[cut..]);
                break;
            case 1:
                Add(bytes, 1, (byte)(EndHeaders | end | Padded | Priority), stream, [2, 0, 0, 0, 0, 16, .. block, 0, 0]);
                break;
            default:
                Add(bytes, 1, (byte)(EndHeaders | end), stream, block);
                break;
        }
    }

    private static void AddData(List<byte> bytes, RandomSource random, int stream)
    {
        var end = random.Next(2) == 0 ? EndStream : (byte)0;
        var data = new byte[random.Next(8) == 0 ? random.Next(random.Next(16) == 0 ? 40_000u : 9000u) : random.Next(8)];
        if (random.Next(4) == 0) Add(bytes, 0, (byte)(end | Padded), stream, [3, .. data, 0, 0, 0]);
        else Add(bytes, 0, end, stream, data);
    }

    private static byte[] Block(RandomSource random, bool isResponse)
    {
        var block = new List<byte>();
        if (random.Next(8) == 0) block.AddRange([0x3F, (byte)random.Next(128)]);
        if (isResponse)
        {
            if (random.Next(8) != 0) block.Add((byte)(0x88 + random.Next(7)));
            else AddField(block, random, ":status", "103");
        }
        else if (random.Next(10) != 0)
        {
            block.AddRange([(byte)(0x82 + random.Next(2)), 0x84, 0x86]);
            AddField(block, random, ":authority", "h.example");
        }

        for (var fields = random.Next(4); fields > 0; fields--)
        {
            if (random.Next(3) == 0) block.Add((byte)(0x80 | (random.Next(4) == 0 ? random.Next(128) : 62 + random.Next(3))));
            else AddField(block, random, Names[random.Next(random.Next(4) == 0 ? (uint)Names.Length : 8)], Values[random.Next(random.Next(4) == 0 ? (uint)Values.Length : 5)]);
        }

        return [.. block];
    }

    private static void AddField(List<byte> block, RandomSource random, string name, string value)
    {
        block.Add(random.Next(2) == 0 ? (byte)0x40 : (byte)(random.Next(2) * 0x10));
        AddText(block, name);
        AddText(block, value);
    }

    private static void AddText(List<byte> block, string text)
    {
        if (text.Length < 127)
        {
            block.Add((byte)text.Length);
        }
        else
        {
            block.Add(127);
            block.Add((byte)(text.Length - 127));
        }

        block.AddRange(Encoding.Latin1.GetBytes(text));
    }

    private static void Add(List<byte> bytes, byte type, byte flags, int stream, byte[] payload)
    {
        bytes.AddRange([(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, .. Number((uint)stream), .. payload]);
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
