using System.Net;
using Envoy.Config.Core.V3;
using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters;

public sealed class EndpointTests
{
    [Theory]
    [InlineData(HealthStatus.Unknown, EndpointHealth.Healthy, "healthy")]
    [InlineData(HealthStatus.Healthy, EndpointHealth.Healthy, "healthy")]
    [InlineData(HealthStatus.Unhealthy, EndpointHealth.Unhealthy, "/failed_eds_health")]
    [InlineData(HealthStatus.Timeout, EndpointHealth.Unhealthy, "/failed_eds_health")]
    [InlineData(HealthStatus.Draining, EndpointHealth.Unhealthy, "/eds_status_draining")]
    [InlineData(HealthStatus.Degraded, EndpointHealth.Degraded, "/degraded_eds_health")]
    public void A_configured_health_status_becomes_flags_as_envoy_prints_them(HealthStatus status, EndpointHealth health, string text)
    {
        var endpoint = TestEndpoints.Create(1, flags: status.ToFlags());
        Assert.Equal(health, endpoint.Health);
        Assert.Equal(text, endpoint.HealthFlags.ToText());
    }

    [Fact]
    public void Flags_are_set_and_cleared_one_by_one()
    {
        var endpoint = TestEndpoints.Create(1);
        endpoint.SetHealthFlags(EndpointHealthFlags.FailedActiveHc);
        endpoint.SetHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        Assert.Equal("/failed_active_hc/failed_outlier_check", endpoint.HealthFlags.ToText());
        endpoint.ClearHealthFlags(EndpointHealthFlags.FailedActiveHc);
        Assert.Equal(EndpointHealth.Unhealthy, endpoint.Health);
        endpoint.ClearHealthFlags(EndpointHealthFlags.FailedOutlierCheck);
        Assert.Equal(EndpointHealth.Healthy, endpoint.Health);
    }

    [Fact]
    public void Address_and_text_move_together()
    {
        var endpoint = TestEndpoints.Create(1);
        endpoint.MoveTo(NetAddress.FromIP(IPAddress.IPv6Loopback, 443));
        Assert.Equal(443, endpoint.Address.Port);
        Assert.Equal("[::1]:443", endpoint.AddressText);
    }
}
