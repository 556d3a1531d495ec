using Envoy.Extensions.Filters.Http.Buffer.V3;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Buffer;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Buffer;

public sealed class BufferFilterTests : IDisposable
{
    private readonly FakeStream _stream = new(Filters.One("buffer.v3.Buffer", "max_request_bytes: 100"));

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void A_request_without_body_goes_on_at_once() => Assert.Equal(FilterStatus.Continue, _stream.Request(Routes.Request("/")));

    [Fact]
    public void A_body_is_collected_and_gets_its_length()
    {
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.Request(Routes.Request("/"), endStream: false));
        Assert.Equal(100, _stream.RequestBufferLimitBytes);
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.RequestData("abc").Status);
        Assert.Equal(FilterStatus.Continue, _stream.RequestData("de", endStream: true).Status);
        Assert.Equal("5", _stream.RequestHeaders.Get("content-length"));
    }

    [Fact]
    public void Trailers_end_the_body_too()
    {
        _stream.Request(Routes.Request("/"), endStream: false);
        _stream.RequestData("abc");
        Assert.Equal(FilterStatus.Continue, _stream.RequestTrailers(new HeaderMap()));
        Assert.Equal("3", _stream.RequestHeaders.Get("content-length"));
    }

    [Fact]
    public void A_route_can_switch_it_off_or_change_the_limit()
    {
        _stream.Overrides = [BufferConfig.OfRoute(Filters.Read<BufferPerRoute>("disabled: true"), null!)];
        Assert.Equal(FilterStatus.Continue, _stream.Request(Routes.Request("/"), endStream: false));
        _stream.End();
        _stream.Overrides = [BufferConfig.OfRoute(Filters.Read<BufferPerRoute>("buffer: { max_request_bytes: 7 }"), null!)];
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.Request(Routes.Request("/"), endStream: false));
        Assert.Equal(7, _stream.RequestBufferLimitBytes);
    }
}
