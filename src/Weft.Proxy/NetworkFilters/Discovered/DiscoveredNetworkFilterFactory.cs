using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient.Extensions;

namespace Weft.Proxy.NetworkFilters.Discovered;

/// <summary>Stands in a chain for a network filter that is discovered (config_discovery); a connection that comes before its configuration is closed.</summary>
/// <param name="missing">Counts those connections.</param>
/// <param name="isLast">It ends its chain, so only a terminal filter may come.</param>
internal sealed class DiscoveredNetworkFilterFactory(Counter missing, bool isLast) : NetworkFilterFactory
{
    /// <summary>Set once, before the chain is used.</summary>
    public ExtensionSlot<NetworkFilterFactory> Slot { get; set; } = null!;

    public override bool IsTerminal => isLast;

    public override NetworkFilter Create(Worker worker) => Slot.Current?.Create(worker) ?? new MissingNetworkFilter(missing);

    private sealed class MissingNetworkFilter(Counter missing) : NetworkFilter
    {
        public override NetworkFilterStatus OnNewConnection()
        {
            missing.Inc();
            Connection.Close(CloseMode.Now);
            return NetworkFilterStatus.Stop;
        }

        public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream) => NetworkFilterStatus.Stop;
    }
}
