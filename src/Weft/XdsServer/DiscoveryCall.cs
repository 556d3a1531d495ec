using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Xds.Server;

namespace Weft.XdsServer;

/// <summary>A call of a discovery service: of all types or of one, state of the world or incremental. Loop thread.</summary>
internal sealed class DiscoveryCall : IGrpcSession
{
    private readonly SnapshotCache _cache;
    private readonly SotwSession? _sotw;
    private readonly DeltaSession? _delta;

    public DiscoveryCall(DiscoveryMethod method, SnapshotCache cache, IDiscoveryLog log, Action<IMessage> send)
    {
        _cache = cache;
        if (method.IsDelta)
            _delta = new DeltaSession(cache, log, method.Type, send);
        else
            _sotw = new SotwSession(cache, log, method.Type, send);
        cache.Changed += OnChanged;
    }

    public string? OnMessage(ReadOnlySpan<byte> message) => _delta is not null
        ? _delta.OnRequest(DeltaDiscoveryRequest.Parser.ParseFrom(message))
        : _sotw!.OnRequest(DiscoveryRequest.Parser.ParseFrom(message));

    public void OnClosed() => _cache.Changed -= OnChanged;

    private void OnChanged() => ((DiscoverySession?)_delta ?? _sotw!).OnChanged();
}
