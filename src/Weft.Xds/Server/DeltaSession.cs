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
        if (request.ResponseNonce.Length > 0 && state.Unheard.Remove(request.ResponseNonce, out var version))
            Hear(type, version, request.ErrorDetail);
        // Without a name the first request asks for everything.
        state.IsEverything |= isFirst && request.ResourceNamesSubscribe.Count == 0;
        foreach (var name in request.ResourceNamesUnsubscribe)
            state.Remove(name);
        foreach (var name in request.ResourceNamesSubscribe)
            state.Add(name);
        Send(type, state, [.. request.ResourceNamesSubscribe], always: isFirst);
        return null;
    }

    private protected override void OnChanged(ResourceType type)
    {
        if (_types.TryGetValue(type, out var state))
            Send(type, state, [], always: false);
    }

    /// <param name="asked">Names that the client has just asked for: they are answered even if there is nothing of them.</param>
    private void Send(ResourceType type, TypeState state, string[] asked, bool always)
    {
        var view = View;
        var resources = view.Of(type);
        var wanted = state.IsEverything ? resources.Values : state.Names.Select(name => resources.GetValueOrDefault(name)).OfType<ServedResource>();
        var changed = wanted.Where(resource => state.Known.GetValueOrDefault(resource.Name) != resource.Version || asked.Contains(resource.Name))
            .OrderBy(resource => resource.Name, StringComparer.Ordinal)
            .Select(static resource => new Resource { Name = resource.Name, Version = resource.Version, Resource_ = resource.Body })
            .ToList();
        var missing = asked.Where(name => name != "*" && !resources.ContainsKey(name)).Distinct(StringComparer.Ordinal).ToList();
        if (type == ResourceType.VirtualHosts)
        {
            changed.AddRange(missing.Select(alias => VirtualHostAliases.Answer(alias, resources)));
            missing.Clear();
        }

        var removed = state.Known.Keys.Where(name => !resources.ContainsKey(name)).Union(missing, StringComparer.Ordinal).ToList();
        if (changed.Count == 0 && removed.Count == 0 && !(always && state.IsEverything))
            return;
        var response = new DeltaDiscoveryResponse { SystemVersionInfo = view.VersionOf(type), TypeUrl = type.TypeUrl, Nonce = NextNonce() };
        response.Resources.AddRange(changed);
        response.RemovedResources.AddRange(removed);
        foreach (var resource in changed.Where(static resource => resource.Resource_ is not null))
            state.Known[resource.Name] = resource.Version;
        foreach (var name in removed)
            state.Known.Remove(name);
        state.Unheard[response.Nonce] = response.SystemVersionInfo;
        send(response);
    }

    private sealed class TypeState
    {
        public TypeState(DeltaDiscoveryRequest first)
        {
            foreach (var (name, version) in first.InitialResourceVersions)
                Known[name] = version;
        }

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public bool IsEverything { get; set; }

        /// <summary>What the client has, with its versions.</summary>
        public Dictionary<string, string> Known { get; } = new(StringComparer.Ordinal);

        /// <summary>Responses that the client has not answered: nonce to version.</summary>
        public Dictionary<string, string> Unheard { get; } = new(StringComparer.Ordinal);

        public void Add(string name)
        {
            if (name == "*")
                IsEverything = true;
            else
                Names.Add(name);
        }

        public void Remove(string name)
        {
            if (name == "*")
                IsEverything = false;
            Names.Remove(name);
            Known.Remove(name);
        }
    }
}
