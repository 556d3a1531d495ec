using System.Globalization;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace Weft.Xds.Server;

/// <summary>
/// The server's end of incremental discovery on one stream, of one type or of many (ADS). Knows no carrier: responses go to
/// <paramref name="send"/>, in the order that leaves no gap. One thread.
/// </summary>
/// <param name="only">The type of a stream that carries one type; null: ADS.</param>
public sealed class DeltaSession(SnapshotCache cache, IDiscoveryLog log, ResourceType? only, Action<DeltaDiscoveryResponse> send)
{
    private readonly Dictionary<ResourceType, TypeState> _types = [];
    private Node? _node;
    private long _nonce;

    /// <summary>A request has come; null, or why the stream cannot go on.</summary>
    public string? OnRequest(DeltaDiscoveryRequest request)
    {
        _node ??= request.Node;
        if (_node is null)
            return "the first request needs a node";
        var type = only is not null && request.TypeUrl.Length == 0 ? only : ResourceType.Find(request.TypeUrl);
        if (type is null || (only is not null && type != only))
            return $"the type {request.TypeUrl} is not served here";
        var isFirst = !_types.TryGetValue(type, out var state);
        state ??= _types[type] = new TypeState(request);
        if (request.ResponseNonce.Length > 0)
            Hear(type, state, request);
        // Without a name the first request asks for everything.
        state.IsEverything |= isFirst && request.ResourceNamesSubscribe.Count == 0;
        foreach (var name in request.ResourceNamesUnsubscribe)
            state.Remove(name);
        foreach (var name in request.ResourceNamesSubscribe)
            state.Add(name);
        Send(type, state, [.. request.ResourceNamesSubscribe], always: isFirst);
        return null;
    }

    /// <summary>The cache has changed: sends what is new.</summary>
    public void OnChanged()
    {
        if (_node is null)
            return;
        foreach (var type in ResourceType.All)
        {
            if (_types.TryGetValue(type, out var state))
                Send(type, state, [], always: false);
        }
    }

    private void Hear(ResourceType type, TypeState state, DeltaDiscoveryRequest request)
    {
        if (!state.Unheard.Remove(request.ResponseNonce, out var version))
            return;
        if (request.ErrorDetail is { } error)
            log.OnRefused(_node!, type, version, error.Message);
        else
            log.OnAccepted(_node!, type, version);
    }

    /// <param name="asked">Names that the client has just asked for: they are answered even if there is nothing of them.</param>
    private void Send(ResourceType type, TypeState state, string[] asked, bool always)
    {
        var view = cache.ViewOf(_node!);
        var resources = view.Of(type);
        var wanted = state.IsEverything ? resources.Values : state.Names.Select(name => resources.GetValueOrDefault(name)).OfType<ServedResource>();
        var changed = wanted.Where(resource => state.Known.GetValueOrDefault(resource.Name) != resource.Version || asked.Contains(resource.Name)).OrderBy(resource => resource.Name, StringComparer.Ordinal).ToList();
        var removed = state.Known.Keys.Concat(asked).Where(name => name != "*" && !resources.ContainsKey(name)).Distinct(StringComparer.Ordinal).ToList();
        if (changed.Count == 0 && removed.Count == 0 && !(always && state.IsEverything))
            return;
        var response = new DeltaDiscoveryResponse
        {
            SystemVersionInfo = view.VersionOf(type),
            TypeUrl = type.TypeUrl,
            Nonce = (++_nonce).ToString(CultureInfo.InvariantCulture),
        };
        response.Resources.AddRange(changed.Select(resource => new Resource { Name = resource.Name, Version = resource.Version, Resource_ = resource.Body }));
        response.RemovedResources.AddRange(removed);
        foreach (var resource in changed)
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
