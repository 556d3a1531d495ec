using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient.Extensions;

namespace Weft.Proxy.HttpFilters.Discovered;

/// <summary>
/// Stands in a chain for a filter that is discovered (config_discovery). Streams ask it for <see cref="Current"/> when a request begins, and make
/// their filter anew when that is another than the one that made theirs.
/// </summary>
internal sealed class DiscoveredFilterFactory : HttpFilterFactory
{
    private readonly bool _isLast;
    private readonly MissingFilterFactory _missing;

    /// <param name="isLast">It ends its chain, so only a terminal filter may come.</param>
    public DiscoveredFilterFactory(bool isLast) => (_isLast, _missing) = (isLast, new MissingFilterFactory { Name = "missing" });

    /// <summary>Set once, before the chain is used.</summary>
    public ExtensionSlot<HttpFilterFactory> Slot { get; set; } = null!;

    /// <summary>The chain that it stands in; null while that is being made.</summary>
    public IReadOnlyList<HttpFilterFactory>? Chain { get; private set; }

    /// <summary>What makes the filter now. Any thread.</summary>
    public HttpFilterFactory Current => Slot.Current ?? _missing;

    public override bool IsTerminal => _isLast;

    public override HttpFilter Create(Worker worker) => Current.Create(worker);

    internal override void OnChain(IReadOnlyList<HttpFilterFactory> chain)
    {
        Chain = chain;
        Slot.Current?.OnChain(chain);
    }
}
