using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Weft.Net;
using Weft.Xds.Server;

namespace Weft.XdsServer;

/// <summary>A call of a discovery service: of all types or of one, state of the world or incremental. Loop thread.</summary>
internal sealed class DiscoveryCall : IGrpcSession
{
    /// <summary>Who answers, as clients show it (<c>control_plane.identifier</c>).</summary>
    private static readonly ControlPlane s_self = new() { Identifier = $"weft xds-server at {Environment.MachineName}" };

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
            _delta = new DeltaSession(cache, log, method.Type, response => send(Signed(response)));
        else
            _sotw = new SotwSession(cache, log, method.Type, response => send(Signed(response)));
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

    private static DeltaDiscoveryResponse Signed(DeltaDiscoveryResponse response)
    {
        response.ControlPlane = s_self;
        return response;
    }

    private static DiscoveryResponse Signed(DiscoveryResponse response)
    {
        response.ControlPlane = s_self;
        return response;
    }

    private void OnChanged() => Session.OnChanged();
}
