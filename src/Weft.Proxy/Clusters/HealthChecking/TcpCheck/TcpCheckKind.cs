using Envoy.Config.Core.V3;
using Envoy.Data.Core.V3;
using Weft.Config;

namespace Weft.Proxy.Clusters.HealthChecking.TcpCheck;

/// <summary>A check that connects, and optionally sends and expects bytes. Immutable.</summary>
internal sealed class TcpCheckKind : HealthCheckKind
{
    public override HealthCheckerType Type => HealthCheckerType.Tcp;

    /// <summary>Sent on every check; may be empty.</summary>
    public required byte[] Send { get; init; }

    /// <summary>Expected in the answer; empty: a connection is enough.</summary>
    public required PayloadMatcher Receive { get; init; }

    /// <summary>proxy_protocol_config: the header that begins what is sent; null for none.</summary>
    public ProxyProtocolConfig.Types.Version? ProxyProtocol { get; init; }

    public static TcpCheckKind Create(HealthCheck.Types.TcpHealthCheck config, ConfigContext context) => new()
    {
        Send = PayloadMatcher.BytesOf(config.Send, context),
        Receive = PayloadMatcher.Create(config.Receive, context),
        ProxyProtocol = config.ProxyProtocolConfig?.Version,
    };

    public override HealthCheckSession CreateSession(HealthChecker checker, Endpoint endpoint) => new TcpCheckSession(this, checker, endpoint);
}
