using Weft.Proxy.Bootstrap;
using TcpProxyMessage = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Weft.Proxy.NetworkFilters.TcpProxy;

/// <summary>Makes TcpProxy filters.</summary>
public sealed class TcpProxyFactory : NetworkFilterFactory
{
    public override bool IsTerminal => true;

    public static TcpProxyFactory? Create(TcpProxyMessage config, FactoryContext context) => throw new NotImplementedException();

    public override NetworkFilter Create(Workers.Worker worker) => throw new NotImplementedException();
}
