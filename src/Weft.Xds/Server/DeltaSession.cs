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
        if (request.ResponseNonce.Length > 0 && state.Unheard.Remove(request.ResponseNonce, out var answered))
        {
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
        Send(type, state);
        return null;
    }

    private protected override IEnumerable<(ResourceType Type, AskedNames Names)> Asked => _types.Select(static pair => (pair.Key, pair.Value.Asked));

    private protected override (ClientResourceState State, string Refusal) StateOf(ResourceType type, ServedResource resource)
    {
        var state = _types[type];
        if (state.Known.GetValueOrDefault(resource.Name) != resource.ContentVersion)
            return (ClientResourceState.NotSent, "");
        if (state.Unheard.Values.Any(response => response.Names.Contains(resource.Name)))
            return (ClientResourceState.Stale, "");
        return state.Refused.TryGetValue(resource.Name, out var refusal) ? (ClientResourceState.Error, refusal) : (ClientResourceState.Synced, "");
    }

    private protected override void OnChanged(ResourceType type)
    {
        if (_types.TryGetValue(type, out var state))
            Send(type, state);
    }

    private void Send(ResourceType type, TypeState state)
    {
        if (View is not { } view)
            return;
        var resources = view.Of(type);
        var asked = state.Unanswered;
        var changed = state.Asked.In(resources).Where(resource => state.Known.GetValueOrDefault(resource.Name) != resource.ContentVersion || IsAsked(asked, resource.Name))
            .OrderBy(static resource => resource.Name, StringComparer.Ordinal)
            .ToList();
        if (type == ResourceType.Clusters)
            SendEndpointsAgain(changed.Where(cluster => state.Known.ContainsKey(cluster.Name)));
        var response = new DeltaDiscoveryResponse { SystemVersionInfo = view.VersionOf(type), TypeUrl = type.TypeUrl };
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
            state.Known.Remove(name);
        state.Unheard[response.Nonce] = new Unheard(response.SystemVersionInfo, sent.Select(static resource => resource.Name).ToHashSet(StringComparer.Ordinal));
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
            endpoints.Known.Remove(name);
    }

    /// <summary>A response that the client has not answered.</summary>
    private sealed record Unheard(string Version, IReadOnlySet<string> Names);

    private sealed class TypeState
    {
        public TypeState(DeltaDiscoveryRequest first)
        {
            foreach (var (name, version) in first.InitialResourceVersions)
                Known[XdsTpName.Canonical(name)] = version;
        }

        public AskedNames Asked { get; } = new();

        /// <summary>Names that the client has just asked for: they are answered even if there is nothing of them.</summary>
        public HashSet<string> Unanswered { get; } = new(StringComparer.Ordinal);

        /// <summary>Who asks for everything hears of it even if it is nothing.</summary>
        public bool MustAnswer { get; set; }

        /// <summary>What the client has, with its versions.</summary>
        public Dictionary<string, string> Known { get; } = new(StringComparer.Ordinal);

        /// <summary>By nonce.</summary>
        public Dictionary<string, Unheard> Unheard { get; } = new(StringComparer.Ordinal);

        /// <summary>Resources of refused responses, and why; until they are sent again and accepted.</summary>
        public Dictionary<string, string> Refused { get; } = new(StringComparer.Ordinal);

        public void Add(string name)
        {
            Asked.Add(name);
            Unanswered.Add(XdsTpName.Canonical(name));
        }

        public void Remove(string name)
        {
            Asked.Remove(name);
            Unanswered.Remove(XdsTpName.Canonical(name));
            Known.Remove(XdsTpName.Canonical(name));
            if (!XdsTpName.IsCollection(name))
                return;
            foreach (var member in Known.Keys.Where(known => !Asked.Covers(known)).ToArray())
                Known.Remove(member);
        }

        /// <summary>A response was answered.</summary>
        /// <param name="reason">Null: it was accepted.</param>
        public void Answer(IReadOnlySet<string> names, string? reason)
        {
            foreach (var name in names)
            {
                if (reason is null)
                    Refused.Remove(name);
                else
                    Refused[name] = reason;
            }
        }
    }
}
