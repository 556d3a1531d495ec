using System.IO.Compression;
using System.Text;
using Envoy.Extensions.Filters.Http.Compressor.V3;
using Weft.Base.Compression;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Compressor;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Compressor;

public sealed class CompressorFilterTests : IDisposable
{
    private const string Gzip = "compressor_library: { name: lib, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip } }";
    private const string Brotli = "compressor_library: { name: lib, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.compression.brotli.compressor.v3.Brotli, quality: 5 } }";

    private const string Zstd = "compressor_library: { name: lib, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.compression.zstd.compressor.v3.Zstd, compression_level: 5, strategy: LAZY } }";

    private readonly FactoryContext _context = Routes.Context(new ConfigContext());
    private FakeStream? _stream;

    public void Dispose() => _stream?.Dispose();

    [Theory]
    [InlineData(Gzip, "gzip")]
    [InlineData(Brotli, "br")]
    [InlineData(Zstd, "zstd")]
    public void A_response_is_compressed_for_a_client_that_accepts_it(string library, string coding)
    {
        Make(library);
        var pieces = Enumerable.Range(0, 20).Select(i => string.Concat(Enumerable.Repeat($"piece {i}, ", 500))).ToArray();
        for (var round = 0; round < 2; round++)
        {
            _stream!.Request(Routes.Request("/", headers: ("accept-encoding", $"deflate, {coding};q=0.5")));
            var response = Response(("content-length", "100000"));
            _stream.Response(response, endStream: false);
            Assert.Equal((coding, "", "Accept-Encoding"), (response.Get("content-encoding"), response.Get("content-length"), response.Get("vary")));
            for (var i = 0; i < pieces.Length; i++)
            {
                _stream.ResponseData(Encoding.UTF8.GetBytes(pieces[i]), endStream: i == pieces.Length - 1);

                // What has come so far can be read: nothing waits in the compressor.
                if (i == 3) Assert.Equal(string.Concat(pieces[..4]), Decompress(coding, _stream.ResponseBody, (pieces[0] + pieces[1] + pieces[2] + pieces[3]).Length));
            }

            Assert.Equal(string.Concat(pieces), Decompress(coding, _stream.ResponseBody, int.MaxValue));
            Assert.InRange(_stream.ResponseBody.Count, 1, string.Concat(pieces).Length / 5);
            _stream.ResponseBody.Clear();
            _stream.End();
        }

        Assert.Equal(2, Stat(coding == "br" ? "brotli.compressed" : $"{coding}.compressed"));
    }

    [Fact]
    public void Trailers_end_the_compressed_body()
    {
        Make(Gzip);
        _stream!.Request(Routes.Request("/", headers: ("accept-encoding", "gzip")));
        _stream.Response(Response(), endStream: false);
        _stream.ResponseData("hello"u8);
        _stream.ResponseTrailers(new HeaderMap());
        Assert.Equal("hello", Decompress("gzip", _stream.ResponseBody, int.MaxValue));
    }

    [Theory]
    [InlineData("identity", "")]
    [InlineData("gzip;q=0, *", "")]
    [InlineData("gzip;q=0, identity", "")]
    [InlineData("*", "gzip")]
    [InlineData("gzip;q=0.5, identity;q=0.4", "gzip")]
    [InlineData("gzip;q=0.4, identity;q=0.5", "")]
    [InlineData("br", "")]
    [InlineData("", "")]
    [InlineData("gzip;q=bad", "")]
    public void The_client_decides(string acceptEncoding, string coding)
    {
        Make(Gzip);
        _stream!.Request(Routes.Request("/", headers: ("accept-encoding", acceptEncoding)));
        var response = Response();
        _stream.Response(response, endStream: false);
        Assert.Equal(coding, response.Get("content-encoding"));
        Assert.Equal("Accept-Encoding", response.Get("vary"));
    }

    [Theory]
    [InlineData("content-length", "29")]
    [InlineData("content-type", "image/png")]
    [InlineData("cache-control", "public, no-transform")]
    [InlineData("content-encoding", "br")]
    public void Some_responses_stay_as_they_are(string header, string value)
    {
        Make(Gzip);
        _stream!.Request(Routes.Request("/", headers: ("accept-encoding", "gzip")));
        var response = Response((header, value));
        _stream.Response(response, endStream: false);
        Assert.Equal((value, false), (response.Get(header), response.Get("content-encoding") == "gzip"));
    }

    [Theory]
    [InlineData(200, "gzip")]
    [InlineData(206, "")]
    public void Responses_of_some_statuses_can_be_left_as_they_are(int status, string coding)
    {
        Make($"{Gzip}, response_direction_config: {{ uncompressible_response_codes: [206, 404] }}");
        _stream!.Request(Routes.Request("/", headers: ("accept-encoding", "gzip")));
        var response = Response();
        response.Set(KnownHeader.Status, status);
        _stream.Response(response, endStream: false);
        Assert.Equal(coding, response.Get("content-encoding"));
    }

    [Theory]
    [InlineData(false, "\"strong\"", "gzip", "")]
    [InlineData(false, "W/\"weak\"", "gzip", "W/\"weak\"")]
    [InlineData(true, "\"strong\"", "", "\"strong\"")]
    public void A_strong_etag_does_not_survive_compression(bool disable, string etag, string coding, string expected)
    {
        Make($"{Gzip}, response_direction_config: {{ disable_on_etag_header: {(disable ? "true" : "false")} }}");
        _stream!.Request(Routes.Request("/", headers: ("accept-encoding", "gzip")));
        var response = Response(("etag", etag));
        _stream.Response(response, endStream: false);
        Assert.Equal((coding, expected), (response.Get("content-encoding"), response.Get("etag")));
    }

    [Theory]
    [InlineData("content-length", "100", "gzip;Compressed;OriginalLength=100", "gzip")]
    [InlineData("x-other", "1", "gzip;Compressed;OriginalLength=", "gzip")]
    [InlineData("content-length", "29", "gzip;ContentLengthTooSmall", "")]
    [InlineData("content-type", "image/png", "gzip;ContentTypeNotAllowed", "")]
    [InlineData("etag", "x", "gzip;EtagNotAllowed", "")]
    [InlineData(":status", "206", "gzip;StatusCodeNotAllowed", "")]
    [InlineData("cache-control", "no-transform", "", "")]
    public void A_response_can_say_what_became_of_it(string header, string value, string status, string coding)
    {
        Make($"{Gzip}, response_direction_config: {{ status_header_enabled: true, disable_on_etag_header: true, uncompressible_response_codes: [206] }}");
        _stream!.Request(Routes.Request("/", headers: ("accept-encoding", "gzip")));
        var response = Response((header, value));
        if (header == ":status") response.Set(KnownHeader.Status, 206);
        _stream.Response(response, endStream: false);
        Assert.Equal((status, coding), (response.Get("x-envoy-compression-status"), response.Get("content-encoding")));
        Assert.Equal(coding.Length > 0, response.Get("vary").Length > 0);
    }

    [Fact]
    public void A_response_whose_client_does_not_accept_it_says_nothing()
    {
        Make($"{Gzip}, response_direction_config: {{ status_header_enabled: true }}");
        _stream!.Request(Routes.Request("/", headers: ("accept-encoding", "br")));
        var response = Response();
        _stream.Response(response, endStream: false);
        Assert.Equal(("", "", "Accept-Encoding"), (response.Get("x-envoy-compression-status"), response.Get("content-encoding"), response.Get("vary")));
    }

    [Fact]
    public void A_route_can_switch_it_off()
    {
        Make(Gzip);
        _stream!.Overrides = [CompressorRouteConfig.Create(Filters.Read<CompressorPerRoute>("disabled: true"), _context)];
        _stream.Request(Routes.Request("/", headers: ("accept-encoding", "gzip")));
        var response = Response();
        _stream.Response(response, endStream: false);
        Assert.Equal("", response.Get("content-encoding"));
    }

    [Fact]
    public void The_upstream_can_be_kept_from_compressing()
    {
        Make($"{Gzip}, response_direction_config: {{ remove_accept_encoding_header: true }}");
        var request = Routes.Request("/", headers: ("accept-encoding", "gzip"));
        _stream!.Request(request);
        Assert.False(request.Has(KnownHeader.AcceptEncoding));
        var response = Response();
        _stream.Response(response, endStream: false);
        Assert.Equal("gzip", response.Get("content-encoding"));
    }

    [Fact]
    public void Requests_are_compressed_where_that_is_configured()
    {
        Make($"{Gzip}, request_direction_config: {{}}");
        var request = Routes.Request("/", headers: [("content-type", "text/plain"), ("content-length", "100")]);
        _stream!.Request(request, endStream: false);
        Assert.Equal(("gzip", ""), (request.Get("content-encoding"), request.Get("content-length")));
    }

    private void Make(string config) => _stream = new FakeStream(Filters.One("compressor.v3.Compressor", config, _context));

    private long Stat(string name) => _context.Stats.Scope("http.test.compressor.lib.").Counter(name).Value;

    private static HeaderMap Response(params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        map.Set(KnownHeader.Status, 200);
        if (!headers.Any(header => header.Name == "content-type")) Routes.Add(map, "content-type", "text/plain; charset=utf-8");
        foreach (var (name, value) in headers) Routes.Add(map, name, value);
        return map;
    }

    /// <summary>As much text as asked for.</summary>
    private static string Decompress(string coding, List<byte> body, int length)
    {
        if (coding == "zstd") return Zstandard([.. body], length);
        using var input = new MemoryStream([.. body]);
        using Stream stream = coding == "gzip" ? new GZipStream(input, CompressionMode.Decompress) : new BrotliStream(input, CompressionMode.Decompress);
        var text = new byte[1 << 20];
        var end = 0;
        while (end < length && stream.Read(text, end, Math.Min(text.Length - end, length - end)) is > 0 and var read) end += read;
        return Encoding.UTF8.GetString(text, 0, end);
    }

    private static string Zstandard(ReadOnlySpan<byte> body, int length)
    {
        var text = new byte[1 << 20];
        var decompressor = new ZstdDecompressor();
        decompressor.Begin();
        Assert.Equal(DecompressStatus.Done, decompressor.Write(ref body, text, out var written));
        decompressor.End();
        return Encoding.UTF8.GetString(text, 0, Math.Min(written, length));
    }
}
