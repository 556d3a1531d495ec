using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Discovered;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <content>The filters: made once with the stream, and anew where discovery has brought another configuration (ECDS).</content>
internal sealed partial class HttpStream
{
    /// <summary>What made the filter at each place that discovery may change; null when there is no such place.</summary>
    private HttpFilterFactory?[]? _madeBy;

    private HttpFilter[] MakeFilters(Range places)
    {
        var (first, count) = places.GetOffsetAndLength(Config.AllFilters.Length);
        if (first == 0 && Array.Exists(Config.Filters, static factory => factory is DiscoveredFilterFactory))
            _madeBy = new HttpFilterFactory[count];
        var filters = new HttpFilter[count];
        for (var i = 0; i < count; i++)
            filters[i] = MakeFilter(first + i);
        return filters;
    }

    private HttpFilter MakeFilter(int index)
    {
        var factory = Config.AllFilters[index];
        if (factory is DiscoveredFilterFactory discovered)
        {
            factory = discovered.Current;
            if (index < _madeBy?.Length)
                _madeBy[index] = factory;
        }

        var filter = factory.Create(Worker);
        filter.Stream = this;
        filter.Index = index;
        filter.IsSkipped = Config.AllFilters[index].IsDisabled;
        return filter;
    }

    /// <summary>The request goes through a chain of its own, made for it: an upgrade is a connection, of which there are few.</summary>
    private void UseFilters(Range places) => _filters = new StreamFilters(this, MakeFilters(places), places.Start.Value);

    /// <summary>Before a request: what discovery has changed since this stream's last one.</summary>
    private void RenewFilters(HttpFilterFactory?[] madeBy)
    {
        for (var i = 0; i < madeBy.Length; i++)
        {
            if (madeBy[i] is not { } known || ((DiscoveredFilterFactory)Config.Filters[i]).Current == known)
                continue;
            _usualFilters.Replace(i, MakeFilter(i));
        }
    }
}
