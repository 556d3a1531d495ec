using System.IO.Compression;
using System.Text;
using Weft.Base.Buffers;
using Weft.Base.Compression;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Decompressor;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Decompressor;

public sealed class DecompressorFilterTests
{
    private const string Gzip = "decompressor_library: { name: lib, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.compression.gzip.decompressor.v3.Gzip } }";
    private const string Brotli = "decompressor_library: { name: lib, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.compression.brotli.decompressor.v3.Brotli } }";

    private const string Zstd = "decompressor_library: { name: lib, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.compression.zstd.decompressor.v3.Zstd } }";

    [Theory]
    [InlineData(Zstd, "zstd", 7)]
    [InlineData(Zstd, "zstd", 100_000)]
    [InlineData(Gzip, "gzip", 7)]
    [InlineData(Gzip, "gzip", 100_000)]
    [InlineData(Brotli, "br", 7)]
    [InlineData(Brotli, "br", 100_000)]
    public void A_response_is_made_whole_however_it_is_cut(string library, string coding, int pieceBytes)
    {
        using var stream = Make(library);
        var body = Text(200_000);
        var compressed = Compress(coding, body);
        for (var round = 0; round < 2; round++)
        {
            var request = Routes.Request("/");
            stream.Request(request);
            Assert.Equal(coding, request.Get("accept-encoding"));
            var response = Response(("content-encoding", coding), ("content-length", "5"));
            stream.Response(response, endStream: false);
            Assert.Equal((false, false), (response.Has(KnownHeader.ContentEncoding), response.Has(KnownHeader.ContentLength)));
            for (var at = 0; at < compressed.Length; at += pieceBytes)
            {
                var piece = compressed.AsSpan(at, Math.Min(pieceBytes, compressed.Length - at));
                Assert.Equal(FilterStatus.Continue, stream.ResponseData(piece, endStream: at + piece.Length == compressed.Length));
            }

            Assert.Equal(body, stream.ResponseBody);
            stream.ResponseBody.Clear();
            stream.End();
        }
    }

    [Theory]
    [InlineData(Gzip, "gzip")]
    [InlineData(Brotli, "br")]
    [InlineData(Zstd, "zstd")]
    public void A_request_that_is_no_compressed_body_gets_400(string library, string coding)
    {
        using var stream = Make(library);
        stream.Request(Routes.Request("/", method: "POST", headers: ("content-encoding", coding)), endStream: false);
        Assert.Equal(FilterStatus.Ended, stream.RequestData("this is plain text, whatever its headers say").Status);
        Assert.Equal(400, stream.Reply!.Value.Status);
    }

    [Theory]
    [InlineData(Gzip, "gzip", "none", "zlib_data_error 1")]
    [InlineData(Gzip, "gzip", "bomb", "zlib_data_error 1")]
    [InlineData(Gzip, "gzip", "more", "")]
    [InlineData(Brotli, "br", "none", "brotli_error 1")]
    [InlineData(Brotli, "br", "bomb", "brotli_error 1, brotli_output_overflow 1")]
    [InlineData(Brotli, "br", "more", "brotli_error 1, brotli_redundant_input 1")]
    [InlineData(Zstd, "zstd", "none", "zstd_generic_error 1")]
    [InlineData(Zstd, "zstd", "bomb", "zstd_generic_error 1")]
    [InlineData(Zstd, "zstd", "checksum", "zstd_checksum_wrong_error 1")]
    public void What_is_wrong_with_a_body_is_counted_under_the_names_of_its_library(string library, string coding, string fault, string expected)
    {
        var context = Routes.Context(new ConfigContext());
        using var stream = new FakeStream(Filters.One("decompressor.v3.Decompressor", library, context));
        stream.Request(Routes.Request("/", method: "POST", headers: ("content-encoding", coding)), endStream: false);
        var body = Compress(coding, fault == "bomb" ? new byte[50_000_000] : Text(1000));
        if (fault == "checksum")
            body[^1] ^= 1;
        if (fault == "more")
            body = [.. body, 1, 2, 3];
        stream.RequestBytes(fault == "none" ? "nothing of that kind"u8.ToArray() : body, endStream: true);
        var all = new List<Statistic>();
        context.Stats.List(all);
        var counted = all.Where(static counter => counter.Name.Contains("decompressor_library.", StringComparison.Ordinal) && counter.Value > 0);
        Assert.Equal(expected, string.Join(", ", counted.Select(static counter => $"{counter.Suffix} {counter.Value}").Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData(Gzip, "gzip")]
    [InlineData(Brotli, "br")]
    [InlineData(Zstd, "zstd")]
    public void A_request_whose_body_is_cut_off_gets_400(string library, string coding)
    {
        using var stream = Make(library);
        stream.Request(Routes.Request("/", method: "POST", headers: ("content-encoding", coding)), endStream: false);
        var compressed = Compress(coding, Text(10_000));
        Assert.Equal(FilterStatus.Ended, stream.RequestBytes(compressed.AsSpan(0, compressed.Length / 2), endStream: true));
        Assert.Equal(400, stream.Reply!.Value.Status);
    }

    [Theory]
    [InlineData(Gzip, "gzip")]
    [InlineData(Brotli, "br")]
    [InlineData(Zstd, "zstd")]
    public void A_bomb_gets_413_before_it_has_gone_off(string library, string coding)
    {
        using var stream = Make(library);
        stream.Request(Routes.Request("/", method: "POST", headers: ("content-encoding", coding)), endStream: false);
        var bomb = Compress(coding, new byte[50_000_000]);
        Assert.Equal(FilterStatus.Ended, stream.RequestBytes(bomb, endStream: true));
        Assert.Equal(413, stream.Reply!.Value.Status);
        Assert.InRange(stream.RequestBodyBytes, 0, bomb.Length * 100L + 65_536);
    }

    [Fact]
    public void A_short_body_may_be_very_compressible()
    {
        using var stream = Make(Gzip);
        stream.Request(Routes.Request("/", method: "POST", headers: ("content-encoding", "gzip")), endStream: false);
        Assert.Equal(FilterStatus.Continue, stream.RequestBytes(Compress("gzip", new byte[60_000]), endStream: true));
        Assert.Equal(60_000, stream.RequestBodyBytes);
    }

    [Fact]
    public void A_broken_response_becomes_a_502_or_is_cut_off()
    {
        using var stream = Make(Gzip);
        stream.Request(Routes.Request("/"));
        stream.Response(Response(("content-encoding", "gzip")), endStream: false);
        Assert.Equal(FilterStatus.Ended, stream.ResponseData("not gzip"u8));
        Assert.Equal((502, "response_decompression_failed"), (stream.Reply!.Value.Status, stream.Reply.Value.Details));
    }

    [Theory]
    [InlineData("gzip, br", "br", true)]
    [InlineData("br, gzip", "br, gzip", false)]
    [InlineData("identity", "identity", false)]
    public void Only_the_outermost_coding_is_taken_off(string coding, string left, bool on)
    {
        var factory = (DecompressorFilterFactory)Filters.One("decompressor.v3.Decompressor", Gzip);
        using var stream = new FakeStream(factory);
        stream.Request(Routes.Request("/"));
        var response = Response(("content-encoding", coding));
        stream.Response(response, endStream: false);
        Assert.Equal((left, on ? 1 : 0), (response.Get("content-encoding"), factory.Response.Decompressed.Value));
    }

    [Fact]
    public void No_transform_is_respected_unless_it_is_to_be_ignored()
    {
        using var stream = Make(Gzip);
        stream.Request(Routes.Request("/"));
        var response = Response(("content-encoding", "gzip"), ("cache-control", "no-transform"));
        stream.Response(response, endStream: false);
        Assert.Equal("gzip", response.Get("content-encoding"));
        using var other = Make($"{Gzip}, response_direction_config: {{ common_config: {{ ignore_no_transform_header: true }} }}");
        other.Request(Routes.Request("/"));
        other.Response(response, endStream: false);
        Assert.Equal("", response.Get("content-encoding"));
    }

    [Fact]
    public void The_ratio_of_gzip_can_be_set()
    {
        using var stream = Make(Gzip.Replace("v3.Gzip", "v3.Gzip, max_inflate_ratio: 1032", StringComparison.Ordinal));
        stream.Request(Routes.Request("/", method: "POST", headers: ("content-encoding", "gzip")), endStream: false);
        Assert.Equal(FilterStatus.Continue, stream.RequestBytes(Compress("gzip", new byte[1_000_000]), endStream: true));
        Assert.Equal(1_000_000, stream.RequestBodyBytes);
    }

    private static FakeStream Make(string config) => new(Filters.One("decompressor.v3.Decompressor", config));

    private static HeaderMap Response(params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        map.Set(KnownHeader.Status, 200);
        foreach (var (name, value) in headers) Routes.Add(map, name, value);
        return map;
    }

    private static byte[] Text(int bytes)
    {
        var random = new Random(1);
        return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, bytes / 10).Select(_ => $"{random.Next(1000):D4} line")))[..(bytes / 10 * 9)];
    }

    private static byte[] Compress(string coding, byte[] body)
    {
        if (coding == "zstd") return Zstandard(body);
        using var output = new MemoryStream();
        using (Stream stream = coding == "gzip" ? new GZipStream(output, CompressionLevel.Fastest) : new BrotliStream(output, CompressionLevel.Fastest))
            stream.Write(body);
        return output.ToArray();
    }

    private static byte[] Zstandard(byte[] body)
    {
        var output = new ByteWriter();
        var compressor = new ZstdCompressor(3, checksum: true, strategy: 0);
        compressor.Begin();
        compressor.Write(body, output, isLast: true);
        compressor.End();
        Assert.Equal([0x28, 0xB5, 0x2F, 0xFD], output.Written[..4].ToArray());
        return output.Written.ToArray();
    }
}
