using System.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using static Weft.Proxy.Tests.HttpFilters.Heads;

namespace Weft.Proxy.Tests.HttpFilters.GrpcHttp1ReverseBridge;

public sealed class GrpcHttp1ReverseBridgeFilterTests : IDisposable
{
    private const string Type = "grpc_http1_reverse_bridge.v3.FilterConfig";

    private FakeStream _stream = Stream("withhold_grpc_frames: true");

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void A_call_goes_on_without_its_frame_and_comes_back_with_one()
    {
        Request(("content-length", "7"));
        Assert.Equal(("application/x-protobuf", "application/x-protobuf", "2"), (Text(_stream.RequestHeaders, "content-type"), Text(_stream.RequestHeaders, "accept"), Text(_stream.RequestHeaders, "content-length")));
        _stream.RequestBytes([0, 0, 0]);
        _stream.RequestBytes([0, 2, (byte)'h'], endStream: false);
        _stream.RequestBytes("i"u8, endStream: true);
        Assert.Equal("hi", Encoding.ASCII.GetString([.. _stream.RequestBody]));

        var head = Head(200, "application/x-protobuf", ("content-length", "5"));
        Assert.Equal(FilterStatus.Continue, _stream.Response(head, endStream: false));
        Assert.Equal(("application/grpc+proto", "10"), (Text(head, "content-type"), Text(head, "content-length")));
        _stream.ResponseData("hel"u8);
        _stream.ResponseData("lo"u8, endStream: true);
        Assert.Equal([0, 0, 0, 0, 5, .. "hello"u8], _stream.ResponseBody);
        Assert.Equal("0", Text(_stream.AddedTrailers!, "grpc-status"));
    }

    [Fact]
    public void A_failure_is_a_status_in_trailers()
    {
        Request();
        var head = Head(503, "application/x-protobuf");
        _stream.Response(head, endStream: true);
        Assert.Equal(("200", "5"), (Text(head, ":status"), Text(head, "content-length")));
        Assert.Equal([0, 0, 0, 0, 0], _stream.ResponseBody);
        Assert.Equal("14", Text(_stream.AddedTrailers!, "grpc-status"));
    }

    [Fact]
    public void Trailers_of_the_upstream_get_the_status()
    {
        Request();
        _stream.Response(Head(200, "application/x-protobuf"), endStream: false);
        _stream.ResponseData("x"u8);
        var trailers = new HeaderMap();
        _stream.ResponseTrailers(trailers);
        Assert.Equal([0, 0, 0, 0, 1, (byte)'x'], _stream.ResponseBody);
        Assert.Equal("0", Text(trailers, "grpc-status"));
    }

    [Fact]
    public void A_response_whose_size_is_announced_is_passed_on_as_it_comes()
    {
        Use("withhold_grpc_frames: true, response_size_header: x-size");
        Request();
        _stream.Response(Head(200, "application/x-protobuf", ("x-size", "4")), endStream: false);
        _stream.ResponseData("ab"u8);
        Assert.Equal([0, 0, 0, 0, 4, (byte)'a', (byte)'b'], _stream.ResponseBody);
        _stream.ResponseData("cd"u8, endStream: true);
        Assert.Equal(9, _stream.ResponseBody.Count);
        Assert.Equal("0", Text(_stream.AddedTrailers!, "grpc-status"));
    }

    [Theory]
    [InlineData("withhold_grpc_frames: true", "text/html", "", "2", "envoy reverse bridge: upstream responded with unsupported content-type text/html, status code 200")]
    [InlineData("withhold_grpc_frames: true, response_size_header: x-size", "application/x-protobuf", "", "13", "envoy reverse bridge: upstream did not set content length")]
    [InlineData("withhold_grpc_frames: true, response_size_header: x-size", "application/x-protobuf", "3", "13", "envoy reverse bridge: upstream set incorrect content length")]
    public void What_the_upstream_should_not_answer_is_a_status_of_the_proxys_own(string config, string type, string size, string status, string text)
    {
        Use(config);
        Request();
        if (_stream.Response(Head(200, type, [.. size.Length > 0 ? new[] { ("x-size", size) } : []]), endStream: false) == FilterStatus.Continue)
            _stream.ResponseData("ab"u8, endStream: true);
        Assert.Equal((200, text), (_stream.Reply!.Value.Status, _stream.Reply.Value.Body));
        Assert.Equal(status, Text(_stream.LocalReplyHeaders, "grpc-status"));
        Assert.Equal("application/grpc+proto", Text(_stream.RequestHeaders, "content-type"));
    }

    [Fact]
    public void A_body_without_a_frame_is_refused()
    {
        Request();
        Assert.Equal(FilterStatus.Ended, _stream.RequestBytes("abc"u8, endStream: true));
        Assert.Equal(("invalid request body", "grpc_bridge_data_too_small"), (_stream.Reply!.Value.Body, _stream.Reply.Value.Details));
    }

    [Fact]
    public void Frames_may_stay()
    {
        Use("withhold_grpc_frames: false");
        Request();
        _stream.RequestBytes([0, 0, 0, 0, 1, 7], endStream: true);
        Assert.Equal([0, 0, 0, 0, 1, 7], _stream.RequestBody);
        _stream.Response(Head(200, "application/x-protobuf"), endStream: false);
        _stream.ResponseData([0, 0, 0, 0, 1, 8], endStream: true);
        Assert.Equal([0, 0, 0, 0, 1, 8], _stream.ResponseBody);
        Assert.Equal("0", Text(_stream.AddedTrailers!, "grpc-status"));
    }

    [Fact]
    public void Routes_may_disable_it()
    {
        _stream.Overrides = [Weft.Proxy.HttpFilters.GrpcHttp1ReverseBridge.ReverseBridgeRouteConfig.Create(new() { Disabled = true }, Weft.Proxy.Tests.Routing.Routes.Context(new()))];
        Request();
        Assert.Equal("application/grpc+proto", Text(_stream.RequestHeaders, "content-type"));
    }

    private static FakeStream Stream(string config) => new(Filters.One(Type, $"content_type: application/x-protobuf, {config}"));

    private void Use(string config)
    {
        _stream.Dispose();
        _stream = Stream(config);
    }

    private void Request(params (string, string)[] more) =>
        _stream.Request(Map([(":method", "POST"), (":path", "/a.B/C"), ("content-type", "application/grpc+proto"), .. more]), endStream: false);

    private static HeaderMap Head(int status, string type, params (string, string)[] more) => Map([(":status", $"{status}"), ("content-type", type), .. more]);
}
