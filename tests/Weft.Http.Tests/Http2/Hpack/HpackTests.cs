using System.Text;
using Weft.Base.Buffers;
using Weft.Http.Http2;
using Weft.Http.Http2.Hpack;

namespace Weft.Http.Tests.Http2.Hpack;

public sealed class HpackTests
{
    [Theory]
    [InlineData("80", "index 0")]
    [InlineData("be", "an index behind both tables")]
    [InlineData("ff", "an integer that is cut off")]
    [InlineData("ffffffffffffffff7f", "an integer beyond all limits")]
    [InlineData("7fffffffff0f", "a name index beyond all limits")]
    [InlineData("00", "a literal without a name")]
    [InlineData("000161", "a literal without a value")]
    [InlineData("0005616263", "a name that is cut off")]
    [InlineData("008161", "padding that is not all ones")]
    [InlineData("0082ffff", "padding of more than seven bits")]
    [InlineData("0084ffffffff", "the end-of-string symbol")]
    [InlineData("3fe21f", "a table size beyond what was announced")]
    [InlineData("8220", "a table size behind a field")]
    public void Blocks_that_break_the_format_are_refused(string hex, string why)
    {
        var collector = new FieldCollector(new Http2Options(), isServer: true);
        collector.Begin(new HeaderMap(), isTrailers: false);
        Assert.False(new HpackDecoder(4096, new ByteWriter()).Decode(Convert.FromHexString(hex), collector), why);
    }

    [Fact]
    public void Every_byte_survives_Huffman_coding()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var text = new byte[random.Next(40)];
            random.NextBytes(text);
            if (round % 2 == 0)
                for (var i = 0; i < text.Length; i++) text[i] = (byte)(' ' + text[i] % 95);
            var coded = new byte[HuffmanEncoder.EncodedLength(text)];
            HuffmanEncoder.Encode(text, coded);
            var decoded = new byte[HuffmanDecoder.MaxDecodedLength(coded.Length)];
            var length = HuffmanDecoder.Decode(coded, decoded);
            Assert.Equal(text, decoded.AsSpan(0, length).ToArray());
        }
    }

    [Fact]
    public void What_is_encoded_is_decoded_whatever_the_table_does()
    {
        var random = new Random(2);
        var encoder = new HpackEncoder();
        var decoder = new HpackDecoder(8192, new ByteWriter());
        string[] names = [":status", "server", "date", "content-type", "x-a", "x-b", "x-some-longer-name", "set-cookie", "content-length"];
        for (var round = 0; round < 3000; round++)
        {
            if (random.Next(50) == 0) encoder.SetTableSize(random.Next(4) * 300);
            if (random.Next(100) == 0) encoder.SetTableSize(8192);
            var fields = new List<(string Name, string Value)> { (":status", "200") };
            for (var i = random.Next(8); i > 0; i--)
                fields.Add((names[1 + random.Next(names.Length - 1)], new string((char)('a' + random.Next(6)), random.Next(60))));
            var output = new byte[8192];
            var length = encoder.WriteBlockStart(output);
            foreach (var (name, value) in fields)
            {
                var bytes = Encoding.ASCII.GetBytes(name);
                length += encoder.WriteField(output.AsSpan(length), HeaderName.Find(bytes), bytes, Encoding.ASCII.GetBytes(value));
            }

            var decoded = HpackVectorTests.Decode(decoder, Convert.ToHexString(output.AsSpan(0, length)), isServer: false);
            Assert.Equal(string.Concat(fields.Select(field => $"[{field.Name}={field.Value}]")), decoded);
        }
    }

    [Fact]
    public void A_field_that_came_before_takes_one_byte()
    {
        var encoder = new HpackEncoder();
        var output = new byte[100];
        encoder.WriteField(output, KnownHeader.Server, "server"u8, "weft"u8);
        Assert.Equal(1, encoder.WriteField(output, KnownHeader.Server, "server"u8, "weft"u8));
    }

    [Fact]
    public void Secrets_are_marked_never_to_be_kept()
    {
        var output = new byte[100];
        new HpackEncoder().WriteField(output, KnownHeader.Authorization, "authorization"u8, "x"u8);
        Assert.Equal(0x10, output[0] & 0xF0);
    }

    [Theory]
    [InlineData("X-Upper", "a", FieldFault.Malformed)]
    [InlineData("", "a", FieldFault.Malformed)]
    [InlineData("a b", "a", FieldFault.Malformed)]
    [InlineData(":unknown", "a", FieldFault.Pseudo)]
    [InlineData("x", "a\r\nb", FieldFault.Malformed)]
    [InlineData("x", "a\0", FieldFault.Malformed)]
    [InlineData("x", " a", FieldFault.Malformed)]
    [InlineData("x", "a\t", FieldFault.Malformed)]
    [InlineData("x", "a\tb", FieldFault.None)]
    [InlineData("x", "", FieldFault.None)]
    [InlineData("connection", "close", FieldFault.Malformed)]
    [InlineData("transfer-encoding", "chunked", FieldFault.Malformed)]
    [InlineData("upgrade", "h2c", FieldFault.Malformed)]
    [InlineData("te", "gzip", FieldFault.Malformed)]
    [InlineData("te", "trailers", FieldFault.None)]
    [InlineData(":status", "200", FieldFault.Pseudo)]
    public void Fields_are_judged_one_by_one_and_the_same_from_the_table(string name, string value, object fault)
    {
        var block = new List<byte> { 0x40, (byte)name.Length };
        block.AddRange(Encoding.Latin1.GetBytes(name));
        block.Add((byte)value.Length);
        block.AddRange(Encoding.Latin1.GetBytes(value));
        var decoder = new HpackDecoder(4096, new ByteWriter());
        Assert.Equal(fault, FaultOf(decoder, [.. block]));
        Assert.Equal(fault, FaultOf(decoder, [0xBE]));
    }

    private static FieldFault FaultOf(HpackDecoder decoder, byte[] block)
    {
        var collector = new FieldCollector(new Http2Options(), isServer: true);
        collector.Begin(new HeaderMap(), isTrailers: false);
        Assert.True(decoder.Decode(block, collector));
        return collector.Fault;
    }
}
