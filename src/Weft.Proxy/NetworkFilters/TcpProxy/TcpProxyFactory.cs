using Weft.Proxy.Bootstrap;
using TcpProxyMessage = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Weft.Proxy.NetworkFilters.TcpProxy;

/// <summary>Makes TcpProxy filters.</summary>
public sealed class TcpProxyFactory(TcpProxyConfig config) : NetworkFilterFactory
{
    public override bool IsTerminal => true;

    public static TcpProxyFactory? Create(TcpProxyMessage config, FactoryContext context) => new(TcpProxyConfig.Create(config, context));

    public override NetworkFilter Create(Workers.Worker worker) => new TcpProxyFilter(config, worker);
}
