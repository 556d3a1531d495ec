using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Discovered;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <content>The filters: made once with the stream, and anew where discovery has brought another configuration (ECDS).</content>
internal sealed partial class HttpStream
{
    /// <summary>What made the filter at each place that discovery may change; null when there is no such place.</summary>
    private HttpFilterFactory?[]? _madeBy;

    private HttpFilter[] MakeFilters()
    {
        var factories = Config.Filters;
        if (Array.Exists(factories, static factory => factory is DiscoveredFilterFactory))
            _madeBy = new HttpFilterFactory[factories.Length];
        var filters = new HttpFilter[factories.Length];
        for (var i = 0; i < factories.Length; i++)
            filters[i] = MakeFilter(i);
        return filters;
    }

    private HttpFilter MakeFilter(int index)
    {
        var factory = Config.Filters[index];
        if (factory is DiscoveredFilterFactory discovered)
            _madeBy![index] = factory = discovered.Current;
        var filter = factory.Create(Worker);
        filter.Stream = this;
        filter.Index = index;
        filter.IsSkipped = Config.Filters[index].IsDisabled;
        return filter;
    }

    /// <summary>Before a request: what discovery has changed since this stream's last one.</summary>
    private void RenewFilters(HttpFilterFactory?[] madeBy)
    {
        for (var i = 0; i < madeBy.Length; i++)
        {
            if (madeBy[i] is not { } known || ((DiscoveredFilterFactory)Config.Filters[i]).Current == known)
                continue;
            _filters[i] = MakeFilter(i);
            if (i < _filtersBack.Length)
                _filtersBack[_filtersBack.Length - 1 - i] = _filters[i];
        }
    }
}
