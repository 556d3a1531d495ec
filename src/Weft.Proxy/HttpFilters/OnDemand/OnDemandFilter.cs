using System.Text;
using Weft.Http;
using Weft.Proxy.Routing;
using Weft.Proxy.XdsClient.OnDemand;

namespace Weft.Proxy.HttpFilters.OnDemand;

/// <summary>Holds a request that has no route, or whose cluster is not there, until these were discovered or cannot be. Then the request goes on as it would have.</summary>
internal sealed class OnDemandFilter(OnDemandFilterFactory factory) : HttpFilter
{
    private OnDemandWait? _wait;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (Stream.Route is { } route)
            return AskForCluster(route, headers) ? FilterStatus.StopAndBuffer : FilterStatus.Continue;
        var wait = new OnDemandWait(Stream.Worker.Loop, OnRoutes);
        if (!Stream.RequestRoutes(wait))
            return FilterStatus.Continue;
        _wait = wait;
        return FilterStatus.StopAndBuffer;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _wait is null ? FilterStatus.Continue : FilterStatus.StopAndBuffer;

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _wait is null ? FilterStatus.Continue : FilterStatus.StopAndBuffer;

    public override void OnReset()
    {
        _wait?.Cancel();
        _wait = null;
    }

    private void OnRoutes(bool isFound)
    {
        _wait = null;
        if (isFound)
            Stream.RenewRoute();
        if (Stream.Route is not { } route || !AskForCluster(route, Stream.RequestHeaders))
            Stream.ContinueRequest(this);
    }

    /// <summary>True when the request waits for its cluster now.</summary>
    private bool AskForCluster(Route route, HeaderMap headers)
    {
        var config = Stream.RouteConfig(this) as OnDemandConfig ?? factory.Config;
        if (config.Clusters is not { } clusters || route.Forward is not { } forward)
            return false;
        var reference = forward.SelectCluster(new RouteRequest(headers, Stream.Info, factory.Runtime.Current));
        if (reference is not null && Stream.Worker.Clusters.Find(reference) is not null)
            return false;
        // A name that was never configured has no reference yet.
        var name = reference?.Name ?? (forward.ClusterHeader is { } header ? Encoding.UTF8.GetString(headers.Get(header)) : "");
        if (name.Length == 0)
            return false;
        _wait = new OnDemandWait(Stream.Worker.Loop, OnCluster);
        clusters.Request(name, config.TimeoutMs, _wait);
        return true;
    }

    private void OnCluster(bool isFound)
    {
        _wait = null;
        Stream.ContinueRequest(this);
    }
}
