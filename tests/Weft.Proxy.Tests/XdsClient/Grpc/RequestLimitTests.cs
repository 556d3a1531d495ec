using Envoy.Service.Discovery.V3;
using Weft.Base.Stats;
using Weft.Proxy.XdsClient.Grpc;

namespace Weft.Proxy.Tests.XdsClient.Grpc;

/// <summary>rate_limit_settings: how many requests a management server gets.</summary>
public sealed class RequestLimitTests : IDisposable
{
    private readonly TestLoop _loop = new();
    private readonly StatsStore _stats = new();
    private readonly List<string> _sent = [];

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void Beyond_the_bucket_requests_wait_in_their_order_until_it_fills()
    {
        var scope = _stats.Scope("control_plane.");
        var limit = new RequestLimit(new RequestLimitConfig(MaxTokens: 2, FillPerSecond: 10), _loop.Loop, scope, request => _sent.Add(((DiscoveryRequest)request).VersionInfo));
        foreach (var version in new[] { "1", "2", "3", "4" })
            limit.Send(new DiscoveryRequest { VersionInfo = version });
        Assert.Equal(["1", "2"], _sent);
        Assert.Equal((2, 2), (scope.Counter("rate_limit_enforced").Value, scope.Gauge("pending_requests").Value));
        _loop.AdvanceMs(100);
        Assert.Equal(["1", "2", "3"], _sent);
        _loop.AdvanceMs(100);
        Assert.Equal(["1", "2", "3", "4"], _sent);
        Assert.Equal(0, scope.Gauge("pending_requests").Value);
        _loop.AdvanceMs(10_000);
        foreach (var version in new[] { "5", "6", "7" })
            limit.Send(new DiscoveryRequest { VersionInfo = version });
        limit.Clear();
        _loop.AdvanceMs(10_000);
        Assert.Equal(["1", "2", "3", "4", "5", "6"], _sent);
    }
}
