using Weft.Base.Stats;
using Weft.Proxy.XdsClient.Extensions;

namespace Weft.Proxy.Listeners.ListenerFilters.Discovered;

/// <summary>Stands for a listener filter that is discovered (config_discovery); a connection that comes before its configuration is closed.</summary>
/// <param name="slot">What makes the filter now.</param>
/// <param name="missing">Counts those connections.</param>
internal sealed class DiscoveredListenerFilterFactory(ExtensionSlot<ListenerFilterFactory> slot, Counter missing) : ListenerFilterFactory
{
    public override ListenerFilter Create() => slot.Current?.Create() ?? new MissingListenerFilter(missing);

    private sealed class MissingListenerFilter(Counter missing) : ListenerFilter
    {
        public override ListenerFilterStatus OnAccept(AcceptedConnection connection)
        {
            missing.Inc();
            return ListenerFilterStatus.Close;
        }
    }
}
