using Weft.Config;
using Weft.Http;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;
using Weft.Proxy.Tracing;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager.Headers;

public class RequestIdsTests
{
    private readonly RequestIds _ids = new(Rules.Read("via: ''"), new ConfigContext());

    [Theory]
    [InlineData('9', 1)]
    [InlineData('a', 2)]
    [InlineData('b', 3)]
    [InlineData('4', 0)]
    [InlineData('7', 0)]
    public void The_reason_of_a_trace_is_read(char digit, int reason)
    {
        Assert.True(_ids.TryRead(Routes.Request("/", headers: ("x-request-id", $"125a4afb-6f55-{digit}4ba-ad80-413f09f48a28")), out var number, out var read));
        Assert.Equal((0x125a4afbUL, (TraceReason)reason), (number, read));
    }

    [Theory]
    [InlineData(1, '9')]
    [InlineData(2, 'a')]
    [InlineData(3, 'b')]
    [InlineData(0, '4')]
    public void The_reason_of_a_trace_is_written(int reason, char digit)
    {
        var request = Routes.Request("/", headers: ("x-request-id", "125a4afb-6f55-a4ba-ad80-413f09f48a28"));
        _ids.SetReason(request, (TraceReason)reason);
        Assert.Equal($"125a4afb-6f55-{digit}4ba-ad80-413f09f48a28", request.Get("x-request-id"));
    }

    [Fact]
    public void What_is_no_uuid_is_left_alone()
    {
        var request = Routes.Request("/", headers: ("x-request-id", "short"));
        _ids.SetReason(request, TraceReason.Forced);
        Assert.Equal("short", request.Get("x-request-id"));
        Assert.False(_ids.TryRead(request, out _, out var reason));
        Assert.Equal(TraceReason.NotTraceable, reason);
        request.Remove(KnownHeader.XRequestId);
        Assert.False(_ids.TryRead(request, out _, out reason));
        Assert.Equal(TraceReason.NotTraceable, reason);
    }
}
