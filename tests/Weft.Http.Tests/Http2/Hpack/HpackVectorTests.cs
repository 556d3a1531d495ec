using System.Text;
using Weft.Base.Buffers;
using Weft.Http.Http2;
using Weft.Http.Http2.Hpack;

namespace Weft.Http.Tests.Http2.Hpack;

/// <summary>The examples of RFC 7541 appendix C.</summary>
public sealed class HpackVectorTests
{
    [Theory]
    [InlineData(10, 5, "0a")]
    [InlineData(1337, 5, "1f9a0a")]
    [InlineData(42, 8, "2a")]
    public void Integers(int value, int prefixBits, string hex)
    {
        var output = new byte[HpackInteger.MaxBytes];
        var length = HpackInteger.Write(output, 0, prefixBits, value);
        Assert.Equal(hex, Convert.ToHexStringLower(output.AsSpan(0, length)));
        var at = 0;
        Assert.Equal(value, HpackInteger.Read(output.AsSpan(0, length), ref at, prefixBits));
        Assert.Equal(length, at);
    }

    [Theory]
    [InlineData("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "[custom-key=custom-header]")]
    [InlineData("040c2f73616d706c652f70617468", "[:path=/sample/path]")]
    [InlineData("100870617373776f726406736563726574", "[password=secret]")]
    [InlineData("82", "[:method=GET]")]
    public void Single_fields(string hex, string fields) => Assert.Equal(fields, Decode(new HpackDecoder(4096, new ByteWriter()), hex, isServer: true));

    [Theory]
    [InlineData(
        "828684410f7777772e6578616d706c652e636f6d",
        "828684be58086e6f2d6361636865",
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565")]
    [InlineData(
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf")]
    public void Three_requests_without_and_with_Huffman_coding(string first, string second, string third)
    {
        var decoder = new HpackDecoder(4096, new ByteWriter());
        Assert.Equal("[:method=GET][:scheme=http][:path=/][:authority=www.example.com]", Decode(decoder, first, isServer: true));
        Assert.Equal("[:method=GET][:scheme=http][:path=/][:authority=www.example.com][cache-control=no-cache]", Decode(decoder, second, isServer: true));
        Assert.Equal("[:method=GET][:scheme=https][:path=/index.html][:authority=www.example.com][custom-key=custom-value]", Decode(decoder, third, isServer: true));
    }

    [Theory]
    [InlineData(
        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
        "4803333037c1c0bf",
        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31")]
    [InlineData(
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        "4883640effc1c0bf",
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007")]
    public void Three_responses_with_a_table_that_evicts(string first, string second, string third)
    {
        var decoder = new HpackDecoder(256, new ByteWriter());
        const string Rest = "[cache-control=private][date=Mon, 21 Oct 2013 20:13:21 GMT][location=https://www.example.com]";
        Assert.Equal("[:status=302]" + Rest, Decode(decoder, first, isServer: false));
        Assert.Equal("[:status=307]" + Rest, Decode(decoder, second, isServer: false));
        Assert.Equal(
            "[:status=200][cache-control=private][date=Mon, 21 Oct 2013 20:13:22 GMT][location=https://www.example.com][content-encoding=gzip]"
            + "[set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1]",
            Decode(decoder, third, isServer: false));
    }

    [Theory]
    [InlineData("www.example.com", "f1e3c2e5f23a6ba0ab90f4ff")]
    [InlineData("no-cache", "a8eb10649cbf")]
    [InlineData("302", "6402")]
    [InlineData("foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1", "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007")]
    public void Strings_are_Huffman_coded_as_in_the_examples(string text, string hex)
    {
        var coded = new byte[HuffmanEncoder.EncodedLength(Encoding.ASCII.GetBytes(text))];
        HuffmanEncoder.Encode(Encoding.ASCII.GetBytes(text), coded);
        Assert.Equal(hex, Convert.ToHexStringLower(coded));
    }

    internal static string Decode(HpackDecoder decoder, string hex, bool isServer)
    {
        var map = new HeaderMap();
        var collector = new FieldCollector(new Http2Options(), isServer);
        collector.Begin(map, isTrailers: false);
        Assert.True(decoder.Decode(Convert.FromHexString(hex), collector));
        Assert.Equal(FieldFault.None, collector.Fault);
        return Recorder.Text(map);
    }
}
