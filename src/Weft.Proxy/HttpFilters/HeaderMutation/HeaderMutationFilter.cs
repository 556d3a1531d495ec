using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.HttpFilters.HeaderMutation;

/// <summary>Applies its own changes, then those of every level of the route. Pooled; worker thread.</summary>
internal sealed class HeaderMutationFilter(HeaderMutationFilterFactory factory) : HttpFilter
{
    private readonly ByteWriter _value = new(64);

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var context = new FormatContext(Stream.Info, headers);
        factory.Mutations.Request.Apply(headers, context, _value);
        var levels = Stream.RouteConfigs(this);
        for (var i = 0; i < levels.Length; i++)
            Level(levels, i).Request.Apply(headers, context, _value);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        var context = new FormatContext(Stream.Info, Stream.RequestHeaders, headers);
        factory.Mutations.Response.Apply(headers, context, _value);
        var levels = Stream.RouteConfigs(this);
        for (var i = 0; i < levels.Length; i++)
            Level(levels, i).Response.Apply(headers, context, _value);
        return FilterStatus.Continue;
    }

    /// <summary>What comes last wins.</summary>
    private MutationsConfig Level(ReadOnlySpan<FilterRouteConfig> levels, int turn)
        => (MutationsConfig)levels[factory.MostSpecificWins ? levels.Length - 1 - turn : turn];
}
