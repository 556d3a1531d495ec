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
        var stats = ControlPlaneStats.OfMany(_stats);
        var limit = new RequestLimit(new RequestLimitConfig(MaxTokens: 2, FillPerSecond: 10), _loop.Loop, stats, request => _sent.Add(((DiscoveryRequest)request).VersionInfo));
        foreach (var version in new[] { "1", "2", "3", "4" })
            limit.Send(new DiscoveryRequest { VersionInfo = version });
        Assert.Equal(["1", "2"], _sent);
        Assert.Equal((2, 2), (stats.RateLimitEnforced.Value, stats.PendingRequests.Value));
        _loop.AdvanceMs(100);
        Assert.Equal(["1", "2", "3"], _sent);
        _loop.AdvanceMs(100);
        Assert.Equal(["1", "2", "3", "4"], _sent);
        Assert.Equal(0, stats.PendingRequests.Value);
        _loop.AdvanceMs(10_000);
        foreach (var version in new[] { "5", "6", "7" })
            limit.Send(new DiscoveryRequest { VersionInfo = version });
        limit.Clear();
        _loop.AdvanceMs(10_000);
        Assert.Equal(["1", "2", "3", "4", "5", "6"], _sent);
    }
}
