using Weft.Http;
using Weft.Proxy.TransportSockets.ProxyProtocol;
using ConnectConfig = Envoy.Config.Route.V3.RouteAction.Types.UpgradeConfig.Types.ConnectConfig;

namespace Weft.Proxy.HttpFilters.Router.Tunnels;

/// <summary>connect_config of a route: what a CONNECT carries goes to the cluster as plain TCP. Immutable; any thread.</summary>
internal sealed class ConnectTermination
{
    private readonly bool _allowsPost;

    private ConnectTermination(ConnectConfig config)
    {
        _allowsPost = config.AllowPost;
        ProxyHeader = config.ProxyProtocolConfig is { } proxy ? new ProxyHeaderFormat(proxy) : null;
    }

    /// <summary>proxy_protocol_config: written to the upstream in front of the payload; null: nothing is.</summary>
    public ProxyHeaderFormat? ProxyHeader { get; }

    public static ConnectTermination? Create(ConnectConfig? config) => config is null ? null : new ConnectTermination(config);

    /// <summary>The request is one whose payload is TCP: a CONNECT, or with allow_post a POST.</summary>
    public bool Takes(HeaderMap headers)
    {
        var method = headers.Get(KnownHeader.Method);
        return method.SequenceEqual("CONNECT"u8) || (_allowsPost && method.SequenceEqual("POST"u8));
    }
}
