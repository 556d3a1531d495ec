using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.HttpFilters.SetFilterState;

/// <summary>Sets the filter's own texts, then those of virtual host and route, the most specific last. Pooled; worker thread. Allocates what it keeps.</summary>
internal sealed class SetFilterStateFilter(SetFilterStateConfig config) : HttpFilter
{
    private readonly ByteWriter _scratch = new(64);

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var state = Stream.Info.FilterState;
        var context = new FormatContext(Stream.Info, headers);
        config.Apply(state, context, _scratch);
        var ofRoute = Stream.RouteConfigs(this);
        for (var i = ofRoute.Length - 1; i >= 0; i--) (ofRoute[i] as SetFilterStateConfig)?.Apply(state, context, _scratch);
        return FilterStatus.Continue;
    }
}
