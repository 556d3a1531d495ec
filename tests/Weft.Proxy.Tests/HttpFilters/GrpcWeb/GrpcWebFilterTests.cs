using Weft.Http;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.GrpcWeb;

public sealed class GrpcWebFilterTests : IDisposable
{
    private readonly FakeStream _stream = new(Filters.One("grpc_web.v3.GrpcWeb", ""));

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void A_request_becomes_one_of_grpc()
    {
        _stream.Request(Request("application/grpc-web+proto", ("content-length", "5")), endStream: false);
        Assert.Equal("application/grpc", _stream.RequestHeaders.Get("content-type"));
        Assert.Equal("trailers", _stream.RequestHeaders.Get("te"));
        Assert.False(_stream.RequestHeaders.Has(KnownHeader.ContentLength));
    }

    [Fact]
    public void Other_requests_pass_untouched()
    {
        _stream.Request(Request("application/grpc"), endStream: false);
        Assert.False(_stream.RequestHeaders.Has(KnownHeader.Te));
        var response = Response("200", "application/grpc");
        Assert.Equal(FilterStatus.Continue, _stream.Response(response, endStream: false));
        Assert.Equal("application/grpc", response.Get("content-type"));
    }

    [Fact]
    public void A_response_that_is_not_grpc_becomes_a_status_with_its_body_as_the_message()
    {
        _stream.Request(Request("application/grpc-web"), endStream: false);
        var response = Response("404", "text/html");
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.Response(response, endStream: false));
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.ResponseData("no such"u8));
        Assert.Equal(FilterStatus.Continue, _stream.ResponseData(" page"u8, endStream: true));
        Assert.Equal("12", response.Get("grpc-status"));
        Assert.Equal("no such page", response.Get("grpc-message"));
        Assert.Equal("application/grpc-web+proto", response.Get("content-type"));
        Assert.Empty(_stream.ResponseBody);
    }

    [Fact]
    public void Bad_base64_is_refused()
    {
        _stream.Request(Request("application/grpc-web-text"), endStream: false);
        Assert.Equal(FilterStatus.Ended, _stream.RequestData("AA!A", endStream: true).Status);
        Assert.Equal("grpc_base_64_decode_failed", _stream.Reply?.Details);
    }

    private static HeaderMap Request(string type, params (string Name, string Value)[] headers) =>
        Routes.Request("/a.B/C", method: "POST", headers: [("content-type", type), .. headers]);

    private static HeaderMap Response(string status, string type)
    {
        var map = new HeaderMap();
        map.Add(KnownHeader.Status, System.Text.Encoding.ASCII.GetBytes(status));
        Routes.Add(map, "content-type", type);
        return map;
    }
}
