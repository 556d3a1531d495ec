using Envoy.Service.Discovery.V3;

namespace Weft.Xds.Server;

/// <summary>Incremental discovery. One thread.</summary>
/// <param name="only">The type of a stream that carries one type; null: ADS.</param>
/// <param name="send">Takes the responses.</param>
public sealed class DeltaSession(SnapshotCache cache, IDiscoveryLog log, ResourceType? only, Action<DeltaDiscoveryResponse> send)
    : DiscoverySession(cache, log, only)
{
    private readonly Dictionary<ResourceType, TypeState> _types = [];

    /// <summary>A request has come; null, or why the stream cannot go on.</summary>
    public string? OnRequest(DeltaDiscoveryRequest request)
    {
        if (TypeOf(request.Node, request.TypeUrl, out var fault) is not { } type)
            return fault;
        var isFirst = !_types.TryGetValue(type, out var state);
        state ??= _types[type] = new TypeState(request);
        if (state.Unanswered is { } answered && answered.Nonce == request.ResponseNonce)
        {
            state.Unanswered = null;
            state.Answer(answered.Names, request.ErrorDetail?.Message);
            Hear(type, answered.Version, request.ErrorDetail);
        }

        // Without a name the first request asks for everything.
        state.Asked.IsEverything |= isFirst && request.ResourceNamesSubscribe.Count == 0;
        state.MustAnswer |= isFirst;
        foreach (var name in request.ResourceNamesUnsubscribe)
            state.Remove(name);
        foreach (var name in request.ResourceNamesSubscribe)
            state.Add(name);
        state.IsDue |= isFirst || request.ResourceNamesSubscribe.Count + request.ResourceNamesUnsubscribe.Count > 0;
        // What the client asks for does not wait for what other types have that is new.
        if (state.IsDue)
            TrySend(type, state);
        OnChanged();
        return null;
    }

    private protected override IEnumerable<(ResourceType Type, AskedNames Names)> Asked => _types.Select(static pair => (pair.Key, pair.Value.Asked));

    private protected override (ClientResourceState State, string Refusal) StateOf(ResourceType type, ServedResource resource)
    {
        var state = _types[type];
        // Perhaps an older one, behind which this one waits.
        if (state.Unanswered is { } unanswered && unanswered.Names.Contains(resource.Name))
            return (ClientResourceState.Stale, "");
        if (state.Known.GetValueOrDefault(resource.Name) != resource.ContentVersion)
            return (ClientResourceState.NotSent, "");
        return state.Refused.TryGetValue(resource.Name, out var refusal) ? (ClientResourceState.Error, refusal) : (ClientResourceState.Synced, "");
    }

    private protected override bool TrySend(ResourceType type) => !_types.TryGetValue(type, out var state) || TrySend(type, state);

    private bool TrySend(ResourceType type, TypeState state)
    {
        if (View is not { } view || (!state.IsDue && ReferenceEquals(state.Seen, view.Of(type))))
            return true;
        if (state.Unanswered is not null)
            return false;
        var resources = view.Of(type);
        (state.Seen, state.IsDue) = (resources, false);
        Send(type, state, view.VersionOf(type), resources);
        return true;
    }

    /// <summary>Sends how what there is differs from what the client has, if it does.</summary>
    private void Send(ResourceType type, TypeState state, string version, IReadOnlyDictionary<string, ServedResource> resources)
    {
        var asked = state.Wanted;
        var changed = state.Asked.In(resources).Where(resource => state.Known.GetValueOrDefault(resource.Name) != resource.ContentVersion || IsAsked(asked, resource.Name))
            .OrderBy(static resource => resource.Name, StringComparer.Ordinal)
            .ToList();
        if (type == ResourceType.Clusters)
            SendEndpointsAgain(changed.Where(cluster => state.Known.ContainsKey(cluster.Name)));
        var response = new DeltaDiscoveryResponse { SystemVersionInfo = version, TypeUrl = type.TypeUrl };
        response.Resources.AddRange(changed.Select(static resource => new Resource { Name = resource.Name, Version = resource.ContentVersion, Resource_ = resource.Body }));
        var missing = asked.Where(name => name != "*" && !Exists(name, resources)).ToList();
        if (type == ResourceType.VirtualHosts)
        {
            response.Resources.AddRange(missing.Select(alias => VirtualHostAliases.Answer(alias, resources)));
            missing.Clear();
        }

        response.RemovedResources.AddRange(state.Known.Keys.Where(name => !resources.ContainsKey(name)).Union(missing, StringComparer.Ordinal));
        var mustAnswer = state.MustAnswer && state.Asked.IsEverything;
        // Before it is sent: the client may answer from within.
        state.MustAnswer = false;
        asked.Clear();
        if (mustAnswer || response.Resources.Count > 0 || response.RemovedResources.Count > 0)
            Send(state, response);
    }

    private void Send(TypeState state, DeltaDiscoveryResponse response)
    {
        response.Nonce = NextNonce();
        var sent = response.Resources.Where(static resource => resource.Resource_ is not null).ToList();
        foreach (var resource in sent)
            state.Known[resource.Name] = resource.Version;
        foreach (var name in response.RemovedResources)
            state.Forget(name);
        state.Unanswered = new SentResponse(response.Nonce, response.SystemVersionInfo, sent.Select(static resource => resource.Name).ToHashSet(StringComparer.Ordinal));
        send(response);
    }

    private static bool IsAsked(HashSet<string> asked, string name) => asked.Count > 0 && (asked.Contains(name) || (XdsTpName.CollectionOf(name) is { } collection && asked.Contains(collection)));

    private static bool Exists(string name, IReadOnlyDictionary<string, ServedResource> resources) =>
        resources.ContainsKey(name) || (XdsTpName.IsCollection(name) && resources.Keys.Any(known => XdsTpName.CollectionOf(known) == name));

    private void SendEndpointsAgain(IEnumerable<ServedResource> changed)
    {
        if (!_types.TryGetValue(ResourceType.Endpoints, out var endpoints))
            return;
        foreach (var name in changed.Select(ChangedClusters.EndpointsOf).OfType<string>())
            endpoints.IsDue |= endpoints.Known.Remove(name);
    }

    /// <summary>A response, without its contents.</summary>
    private sealed record SentResponse(string Nonce, string Version, IReadOnlySet<string> Names);

    private sealed class TypeState
    {
        public TypeState(DeltaDiscoveryRequest first)
        {
            foreach (var (name, version) in first.InitialResourceVersions)
                Known[XdsTpName.Canonical(name)] = version;
        }

        public AskedNames Asked { get; } = new();

        /// <summary>Names that the client has just asked for: they are answered even if there is nothing of them.</summary>
        public HashSet<string> Wanted { get; } = new(StringComparer.Ordinal);

        /// <summary>Who asks for everything hears of it even if it is nothing.</summary>
        public bool MustAnswer { get; set; }

        /// <summary>What the client has, with its versions.</summary>
        public Dictionary<string, string> Known { get; } = new(StringComparer.Ordinal);

        /// <summary>There may be something to send though nothing has changed.</summary>
        public bool IsDue { get; set; }

        /// <summary>All there was of the type when it was last looked at.</summary>
        public IReadOnlyDictionary<string, ServedResource>? Seen { get; set; }

        /// <summary>The response that the client has not answered; null: none.</summary>
        public SentResponse? Unanswered { get; set; }

        /// <summary>Resources of refused responses, and why; until they are sent again and accepted.</summary>
        public Dictionary<string, string> Refused { get; } = new(StringComparer.Ordinal);

        public void Add(string name)
        {
            Asked.Add(name);
            Wanted.Add(XdsTpName.Canonical(name));
        }

        public void Remove(string name)
        {
            Asked.Remove(name);
            Wanted.Remove(XdsTpName.Canonical(name));
            Forget(XdsTpName.Canonical(name));
            if (!XdsTpName.IsCollection(name))
                return;
            foreach (var member in Known.Keys.Where(known => !Asked.Covers(known)).ToArray())
                Forget(member);
        }

        /// <summary>The client has it no more.</summary>
        public void Forget(string name)
        {
            Known.Remove(name);
            Refused.Remove(name);
        }

        /// <summary>A response was answered.</summary>
        /// <param name="reason">Null: it was accepted.</param>
        public void Answer(IReadOnlySet<string> names, string? reason)
        {
            foreach (var name in names)
            {
                if (reason is null)
                    Refused.Remove(name);
                else if (Known.ContainsKey(name))
                    Refused[name] = reason;
            }
        }
    }
}
