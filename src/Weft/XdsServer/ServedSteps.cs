using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Net;
using Weft.Xds;
using Weft.Xds.Server;

namespace Weft.XdsServer;

/// <summary>
/// Serves what is wanted so that clients lose no request when it changes (make before break): new clusters a little earlier than what refers to them, clusters
/// that are gone a little longer. Loop thread.
/// </summary>
internal sealed class ServedSteps : IDisposable
{
    /// <summary>How long clients have to find the endpoints of new clusters.</summary>
    private const long RestMs = 1000;

    /// <summary>How long clients have to take over what does not refer any more to clusters that are gone.</summary>
    private const long LeavingMs = 5000;

    private static readonly Logger Log = Logger.Get("xds");

    private readonly SnapshotCache _cache;
    private readonly string? _key;
    private readonly LoopTimer _rest;
    private readonly LoopTimer _leaving;
    private IReadOnlyList<IMessage> _wanted = [];
    private Snapshot _last = Snapshot.Empty;

    /// <param name="key">The node that is served; null: all.</param>
    public ServedSteps(EventLoop loop, SnapshotCache cache, string? key)
    {
        (_cache, _key) = (cache, key);
        _rest = new LoopTimer(loop, ServeRest);
        _leaving = new LoopTimer(loop, () => Serve(_last.With(_wanted), ""));
    }

    /// <summary>Nothing was ever wanted.</summary>
    public bool IsEmpty => _last == Snapshot.Empty;

    /// <summary>Serves these, and in the end no others.</summary>
    public void Want(IReadOnlyList<IMessage> resources)
    {
        _wanted = resources;
        var clusters = _last.With(resources, SnapshotStep.Clusters);
        var isNew = clusters.Of(ResourceType.Clusters).Keys.Any(name => !_last.Of(ResourceType.Clusters).ContainsKey(name));
        var hasMore = !clusters.IsSameAs(_last.With(resources, SnapshotStep.AllButRemovals));
        if (IsEmpty || !hasMore || !(isNew || _rest.IsArmed))
        {
            ServeRest();
            return;
        }

        _leaving.Cancel();
        Serve(clusters, "; what refers to new clusters follows");
        if (isNew)
            _rest.Arm(RestMs);
    }

    public void Dispose()
    {
        _rest.Cancel();
        _leaving.Cancel();
    }

    private void ServeRest()
    {
        _rest.Cancel();
        var next = _last.With(_wanted, SnapshotStep.AllButRemovals);
        var wanted = next.With(_wanted);
        var leaving = next.Of(ResourceType.Clusters).Keys.Except(wanted.Of(ResourceType.Clusters).Keys).Order(StringComparer.Ordinal).ToList();
        Serve(next, leaving.Count == 0 ? "" : $"; clusters that are gone follow: {string.Join(", ", leaving)}");
        if (next.IsSameAs(wanted))
            _leaving.Cancel();
        else
            _leaving.Arm(LeavingMs);
    }

    private void Serve(Snapshot next, string more)
    {
        if (!IsEmpty && next.IsSameAs(_last))
            return;
        _last = next;
        var types = ResourceType.All.Where(type => next.VersionOf(type) != "0").Select(type => $"{type} version {next.VersionOf(type)} ({next.Of(type).Count})").ToList();
        Log.Info($"serving {(types.Count == 0 ? "nothing" : string.Join(", ", types))}{more}");
        _cache.Set(_key, next);
    }
}
