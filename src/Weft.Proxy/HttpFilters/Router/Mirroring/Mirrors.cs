using Weft.Http;
using Weft.Proxy.HttpFilters.Upstream;
using Weft.Proxy.Routing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Router.Mirroring;

/// <summary>The mirrors of one request, for as long as they need its body. Made with the first request that is mirrored; pooled with its router; worker thread.</summary>
/// <param name="worker">Whose turn it is.</param>
/// <param name="filters">The router's upstream filters; null: none.</param>
internal sealed class Mirrors(Worker worker, UpstreamFilterChain? filters)
{
    private readonly List<MirrorRequest> _active = [];

    /// <summary>Starts the mirrors that the policies ask for; they are on their own from here when the request has no body.</summary>
    public void Start(MirrorPolicy[] policies, in RouteRequest request, bool headersOnly, int limitBytes, long timeoutMs)
    {
        foreach (var policy in policies)
        {
            if (policy.TargetOf(request) is not { } reference || worker.Clusters.Find(reference) is not { } cluster)
                continue;
            var mirror = new MirrorRequest(worker, cluster, policy, request, limitBytes, timeoutMs, filters);
            if (!headersOnly)
                _active.Add(mirror);
            mirror.Start(headersOnly);
        }
    }

    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        foreach (var mirror in _active)
            mirror.SendData(data, endStream);
        if (endStream)
            _active.Clear();
    }

    public void SendTrailers(HeaderMap trailers)
    {
        foreach (var mirror in _active)
            mirror.SendTrailers(trailers);
        _active.Clear();
    }

    /// <summary>The request is over: mirrors that do not have all of it are given up.</summary>
    public void Reset()
    {
        foreach (var mirror in _active)
            mirror.Cancel();
        _active.Clear();
    }
}
