using Envoy.Service.Discovery.V3;

namespace Weft.Xds.Server;

/// <summary>State-of-the-world discovery. One thread.</summary>
/// <param name="only">The type of a stream that carries one type; null: ADS.</param>
/// <param name="send">Takes the responses.</param>
public sealed class SotwSession(SnapshotCache cache, IDiscoveryLog log, ResourceType? only, Action<DiscoveryResponse> send)
    : DiscoverySession(cache, log, only)
{
    private readonly Dictionary<ResourceType, TypeState> _types = [];

    /// <summary>A request has come; null, or why the stream cannot go on.</summary>
    public string? OnRequest(DiscoveryRequest request)
    {
        if (TypeOf(request.Node, request.TypeUrl, out var fault) is not { } type)
            return fault;
        var isFirst = !_types.TryGetValue(type, out var state);
        state ??= _types[type] = new TypeState();
        // An answer to an earlier response: a newer one is on its way already.
        if (!isFirst && request.ResponseNonce.Length > 0 && request.ResponseNonce != state.Nonce)
            return null;
        if (!isFirst && request.ResponseNonce.Length > 0 && state.IsUnanswered)
        {
            (state.IsUnanswered, state.Refusal) = (false, request.ErrorDetail?.Message);
            Hear(type, state.SentVersion, request.ErrorDetail);
        }

        var names = request.ResourceNames.Where(static name => name != "*").ToList();
        var isMore = state.Asked.Replace(names) || isFirst;
        // Without a name from the first request on it is everything; behind names it says that they are given up.
        state.NeverNamed = names.Count == 0 && (isFirst || state.NeverNamed);
        state.Asked.IsEverything = type.IsComplete && (state.NeverNamed || names.Count < request.ResourceNames.Count);
        state.MustSend |= isMore;
        // What the client asks for does not wait for what other types have that is new.
        if (state.MustSend)
            TrySend(type, state);
        OnChanged();
        return null;
    }

    private protected override IEnumerable<(ResourceType Type, AskedNames Names)> Asked => _types.Select(static pair => (pair.Key, pair.Value.Asked));

    private protected override (ClientResourceState State, string Refusal) StateOf(ResourceType type, ServedResource resource)
    {
        var state = _types[type];
        if (!state.Sent.TryGetValue(resource.Name, out var sent))
            return (ClientResourceState.NotSent, "");
        // Perhaps an older one, behind which this one waits.
        if (state.IsUnanswered)
            return (ClientResourceState.Stale, "");
        if (sent.Version != resource.Version)
            return (ClientResourceState.NotSent, "");
        return state.Refusal is null ? (ClientResourceState.Synced, "") : (ClientResourceState.Error, state.Refusal);
    }

    private protected override bool TrySend(ResourceType type) => !_types.TryGetValue(type, out var state) || TrySend(type, state);

    /// <summary>Sends what there is, if it is another state than the client has, or it waits for it.</summary>
    private bool TrySend(ResourceType type, TypeState state)
    {
        if (View is not { } view || (!state.MustSend && ReferenceEquals(state.Seen, view.Of(type))))
            return true;
        if (state.IsUnanswered)
            return false;
        (state.Seen, state.MustSend) = (view.Of(type), false);
        var resources = state.Asked.In(state.Seen).OrderBy(static resource => resource.Name, StringComparer.Ordinal).ToList();
        // Nothing of what was asked for exists: the client waits for it.
        if (resources.Count == 0 && !type.IsComplete)
            return true;
        if (type == ResourceType.Clusters)
            SendEndpointsAgain(resources.Where(cluster => state.Sent.TryGetValue(cluster.Name, out var sent) && sent != cluster));
        (state.SentVersion, state.Nonce, state.IsUnanswered, state.Refusal) = (view.VersionOf(type), NextNonce(), true, null);
        state.Sent = resources.ToDictionary(static resource => resource.Name, StringComparer.Ordinal);
        var response = new DiscoveryResponse { VersionInfo = state.SentVersion, TypeUrl = type.TypeUrl, Nonce = state.Nonce };
        response.Resources.AddRange(resources.Select(resource => AsSent(type, resource)));
        send(response);
        return true;
    }

    /// <summary>What does not say its own name goes with it.</summary>
    private static Google.Protobuf.WellKnownTypes.Any AsSent(ResourceType type, ServedResource resource) => type != ResourceType.LocalityEndpoints
        ? resource.Body
        : Google.Protobuf.WellKnownTypes.Any.Pack(new Resource { Name = resource.Name, Version = resource.Version, Resource_ = resource.Body });

    private void SendEndpointsAgain(IEnumerable<ServedResource> changed)
    {
        if (_types.TryGetValue(ResourceType.Endpoints, out var endpoints))
            endpoints.MustSend |= changed.Any(cluster => ChangedClusters.EndpointsOf(cluster) is { } name && endpoints.Asked.Covers(name));
    }

    private sealed class TypeState
    {
        public AskedNames Asked { get; } = new();

        /// <summary>No request had a name.</summary>
        public bool NeverNamed { get; set; }

        public string SentVersion { get; set; } = "";

        /// <summary>All there was of the type when it was last looked at: another view may have the same version.</summary>
        public IReadOnlyDictionary<string, ServedResource>? Seen { get; set; }

        /// <summary>What was in the last response.</summary>
        public Dictionary<string, ServedResource> Sent { get; set; } = [];

        public string Nonce { get; set; } = "";

        /// <summary>The client has not answered the last response.</summary>
        public bool IsUnanswered { get; set; }

        /// <summary>Why it has refused it; null: it has not.</summary>
        public string? Refusal { get; set; }

        /// <summary>The client waits for it, perhaps for the same once more.</summary>
        public bool MustSend { get; set; }
    }
}
