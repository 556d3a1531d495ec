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
    private readonly Action<DiscoveryCall> _onClosed;

    /// <param name="onClosed">Called when the call is over.</param>
    public DiscoveryCall(DiscoveryMethod method, SnapshotCache cache, IDiscoveryLog log, Action<IMessage> send, Action<DiscoveryCall> onClosed)
    {
        (_cache, _onClosed) = (cache, onClosed);
        if (method.IsDelta)
            _delta = new DeltaSession(cache, log, method.Type, send);
        else
            _sotw = new SotwSession(cache, log, method.Type, send);
        cache.Changed += OnChanged;
    }

    /// <summary>The protocol.</summary>
    public DiscoverySession Session => (DiscoverySession?)_delta ?? _sotw!;

    public string? OnMessage(ReadOnlySpan<byte> message) => _delta is not null
        ? _delta.OnRequest(DeltaDiscoveryRequest.Parser.ParseFrom(message))
        : _sotw!.OnRequest(DiscoveryRequest.Parser.ParseFrom(message));

    public void OnClosed()
    {
        _cache.Changed -= OnChanged;
        _onClosed(this);
    }

    private void OnChanged() => Session.OnChanged();
}
