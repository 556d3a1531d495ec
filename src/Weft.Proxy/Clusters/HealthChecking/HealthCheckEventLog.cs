using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Data.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Admin;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>Writes one line of JSON for each change of an endpoint's health, in Envoy's form (HealthCheckEvent). Main thread.</summary>
internal sealed class HealthCheckEventLog(ClusterConfig cluster, EventLoop loop)
{
    private static readonly PrintOptions OneLine = new() { AllFields = true, Indented = false, Redacted = false };

    private readonly HealthCheckConfig _config = cluster.HealthCheck!;

    public void EjectUnhealthy(Endpoint endpoint, HealthCheckFailureType failure) =>
        Write(endpoint, new HealthCheckEvent { EjectUnhealthyEvent = new() { FailureType = failure } });

    public void AddHealthy(Endpoint endpoint, bool isFirst) =>
        Write(endpoint, new HealthCheckEvent { AddHealthyEvent = new() { FirstCheck = isFirst } });

    public void Success(Endpoint endpoint) => Write(endpoint, new HealthCheckEvent { SuccessfulHealthCheckEvent = new() });

    public void Failure(Endpoint endpoint, HealthCheckFailureType failure, bool isFirst) =>
        Write(endpoint, new HealthCheckEvent { HealthCheckFailureEvent = new() { FailureType = failure, FirstCheck = isFirst } });

    public void Degraded(Endpoint endpoint) => Write(endpoint, new HealthCheckEvent { DegradedHealthyHost = new() });

    public void NoLongerDegraded(Endpoint endpoint) => Write(endpoint, new HealthCheckEvent { NoLongerDegradedHost = new() });

    private void Write(Endpoint endpoint, HealthCheckEvent happened)
    {
        if (_config.EventFiles.Count == 0)
            return;
        happened.HealthCheckerType = _config.Kind.Type;
        happened.ClusterName = cluster.Name;
        happened.Host = AddressMessage.Of(endpoint.Address);
        happened.Locality = new Locality { Region = endpoint.Region, Zone = endpoint.Zone, SubZone = endpoint.SubZone };
        happened.Metadata = endpoint.Metadata;
        happened.Timestamp = Timestamp.FromDateTime(loop.UtcNow);
        var line = Encoding.UTF8.GetBytes(MessagePrinter.ToJson(happened, OneLine) + "\n");
        foreach (var file in _config.EventFiles)
            file.Write(line);
    }
}
