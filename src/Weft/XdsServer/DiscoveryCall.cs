using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Net;
using Weft.Xds.Server;

namespace Weft.XdsServer;

/// <summary>A call of a discovery service: of all types or of one, state of the world or incremental. Loop thread.</summary>
internal sealed class DiscoveryCall : IGrpcSession
{
    private readonly SnapshotCache _cache;
    private readonly SotwSession? _sotw;
    private readonly DeltaSession? _delta;
    private readonly Action<DiscoveryCall> _onClosed;

    /// <param name="client">Who calls.</param>
    /// <param name="onClosed">Called when the call is over.</param>
    public DiscoveryCall(DiscoveryMethod method, NetAddress client, SnapshotCache cache, IDiscoveryLog log, Action<IMessage> send, Action<DiscoveryCall> onClosed)
    {
        (Client, _cache, _onClosed) = (client, cache, onClosed);
        if (method.IsDelta)
            _delta = new DeltaSession(cache, log, method.Type, send);
        else
            _sotw = new SotwSession(cache, log, method.Type, send);
        cache.Changed += OnChanged;
    }

    public NetAddress Client { get; }

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
