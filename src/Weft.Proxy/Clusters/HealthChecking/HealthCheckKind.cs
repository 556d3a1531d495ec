using Envoy.Data.Core.V3;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>What a check does: one class per protocol. Immutable.</summary>
internal abstract class HealthCheckKind
{
    /// <summary>As it stands in events.</summary>
    public abstract HealthCheckerType Type { get; }

    /// <summary>Its connections speak HTTP/2.</summary>
    public virtual bool UsesHttp2 => false;

    /// <summary>The checks of one endpoint.</summary>
    public abstract HealthCheckSession CreateSession(HealthChecker checker, Endpoint endpoint);
}
