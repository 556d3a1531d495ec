using System.Net;
using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Clusters;

/// <summary>Endpoints without a cluster around them.</summary>
internal static class TestEndpoints
{
    public static Endpoint Create(int number, uint weight = 1, int priority = 0, EndpointHealthFlags flags = EndpointHealthFlags.None)
    {
        var address = NetAddress.FromIP(new IPAddress([10, 0, (byte)priority, (byte)number]), 80);
        return new Endpoint
        {
            Address = address,
            AddressText = address.ToString(),
            Hostname = "",
            Weight = weight,
            Priority = priority,
            HealthFlags = flags,
            Stats = new EndpointStats(),
        };
    }

    /// <summary>For each priority: healthy, degraded and unhealthy endpoints.</summary>
    public static EndpointsSnapshot Snapshot(params (int Healthy, int Degraded, int Unhealthy)[] priorities)
    {
        var endpoints = new List<Endpoint>();
        for (var priority = 0; priority < priorities.Length; priority++)
        {
            var (healthy, degraded, unhealthy) = priorities[priority];
            for (var i = 0; i < healthy + degraded + unhealthy; i++)
            {
                var flags = i < healthy ? EndpointHealthFlags.None : i < healthy + degraded ? EndpointHealthFlags.DegradedEdsHealth : EndpointHealthFlags.FailedEdsHealth;
                endpoints.Add(Create(i, priority: priority, flags: flags));
            }
        }
        return EndpointsSnapshot.Build(endpoints);
    }
}
