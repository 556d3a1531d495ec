using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>Makes the connection manager of each new connection.</summary>
public sealed class HttpConnectionManagerFactory : NetworkFilterFactory
{
    private readonly HttpConnectionManagerConfig _config;

    // One entry per worker (the main thread has the highest index), each written by its own worker only.
    private readonly HttpConnectionManagerWorker?[] _perWorker;

    internal HttpConnectionManagerFactory(HttpConnectionManagerConfig config, int workerCount)
    {
        _config = config;
        _perWorker = new HttpConnectionManagerWorker?[workerCount + 1];
    }

    public override bool IsTerminal => true;

    internal HttpConnectionManagerConfig Config => _config;

    internal static HttpConnectionManagerFactory? Create(HcmMessage source, FactoryContext context) =>
        HttpConnectionManagerConfig.Create(source, context) is { } config ? new HttpConnectionManagerFactory(config, context.Concurrency) : null;

    public override NetworkFilter Create(Worker worker) =>
        new HttpConnectionManager(_perWorker[worker.Index] ??= new HttpConnectionManagerWorker(_config, worker));
}
