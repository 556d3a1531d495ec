using Weft.Http;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Composite;

/// <summary>
/// Hands everything to the filter that the matcher around it has chosen for this request, from that moment on; while there is none everything passes.
/// The filters are made once per action and kept. Pooled; worker thread.
/// </summary>
internal sealed class CompositeFilter(CompositeFilterFactory factory, Worker worker) : HttpFilter
{
    private readonly List<Made> _made = [];
    private HttpFilter? _chosen;

    /// <param name="Maker">What has made the filter: discovery may bring another.</param>
    private readonly record struct Made(ExecuteAction Action, HttpFilterFactory Maker, HttpFilter Filter, MatchedActions State);

    /// <summary>The matcher has decided, perhaps not before the response.</summary>
    /// <param name="name">Under which the composite filter is configured.</param>
    public void Execute(ExecuteAction action, string name)
    {
        if (action.Filter is not { } maker || !action.IsDrawn(factory.Runtime.Current, worker.Random)) return;
        var made = Find(action, maker, name);
        _chosen = made.Filter;
        (_chosen.Stream, _chosen.Index, _chosen.IsInner) = (Stream, Index, true);
        factory.Delegations.Inc();
        var state = Stream.Info.FilterState;
        state.Set(MatchedActions.Key, state.Find(MatchedActions.Key) is MatchedActions others ? others.With(made.State) : made.State);
    }

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream) => _chosen?.OnRequestHeaders(headers, endStream) ?? FilterStatus.Continue;

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _chosen?.OnRequestData(ref chunk) ?? FilterStatus.Continue;

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _chosen?.OnRequestTrailers(trailers) ?? FilterStatus.Continue;

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream) => _chosen?.OnResponseHeaders(headers, endStream) ?? FilterStatus.Continue;

    public override FilterStatus OnResponseData(ref BodyChunk chunk) => _chosen?.OnResponseData(ref chunk) ?? FilterStatus.Continue;

    public override FilterStatus OnResponseTrailers(HeaderMap trailers) => _chosen?.OnResponseTrailers(trailers) ?? FilterStatus.Continue;

    public override void OnReset()
    {
        _chosen?.OnReset();
        _chosen = null;
    }

    private Made Find(ExecuteAction action, HttpFilterFactory maker, string name)
    {
        var index = _made.Count - 1;
        while (index >= 0 && _made[index].Action != action) index--;
        if (index >= 0 && _made[index].Maker == maker) return _made[index];
        var made = new Made(action, maker, maker.Create(worker), new MatchedActions(name, action.Name));
        if (index >= 0) _made[index] = made;
        else _made.Add(made);
        return made;
    }
}
