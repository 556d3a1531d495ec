using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace Weft.Xds.Client;

/// <summary>
/// The client's end of incremental discovery on one stream, of one type or of many (ADS): subscriptions, the versions that are known, ACK and
/// NACK. Knows no carrier: requests go to <paramref name="send"/>. What is known outlives the stream. One thread.
/// </summary>
/// <param name="node">Who asks.</param>
/// <param name="nodeOnFirstOnly">set_node_on_first_message_only.</param>
/// <param name="send">Takes requests while the stream is open.</param>
/// <param name="apply">Takes a response over; gives why it was refused, null when it was not.</param>
public sealed class DeltaClient(Node node, bool nodeOnFirstOnly, Action<DeltaDiscoveryRequest> send, Func<ResourceType, DeltaDiscoveryResponse, string?> apply) : IDiscoveryClient
{
    private const string Everything = "*";

    private readonly List<TypeState> _types = [];
    private bool _isOpen;
    private bool _isNodeSent;

    public void Watch(ResourceType type, string? name)
    {
        var state = _types.Find(known => known.Interest.Type == type);
        if (state is null)
            _types.Add(state = new TypeState(type));
        if (!state.Interest.Add(name) || name is null)
            return;
        // A name that was given up in the same turn needs no word, as what is known of it is known still; of a collection nothing is.
        if (!state.Unsubscribe.Remove(name) || XdsTpName.IsCollection(name))
            state.Subscribe.Add(name);
    }

    /// <summary>A resource is known from elsewhere: the server need not send it again unless it has changed, and says if it is gone.</summary>
    public void Know(ResourceType type, string name, string version)
    {
        if (_types.Find(known => known.Interest.Type == type) is { } state && state.Interest.Covers(name))
            state.Versions[name] = version;
    }

    /// <summary>The version of a resource that is known; null: none.</summary>
    public string? AcceptedVersion(ResourceType type, string name) => _types.Find(known => known.Interest.Type == type)?.Versions.GetValueOrDefault(name);

    public void Forget(ResourceType type, string name) => _types.Find(known => known.Interest.Type == type)?.Versions.Remove(name);

    public void ForgetVersions()
    {
        foreach (var state in _types)
            state.Versions.Clear();
    }

    public void Unwatch(ResourceType type, string? name)
    {
        if (_types.Find(known => known.Interest.Type == type) is not { } state || !state.Interest.Remove(name) || name is null)
            return;
        state.ForgetWhatIsNotAskedFor(name);
        if (!state.Subscribe.Remove(name))
            state.Unsubscribe.Add(name);
    }

    public void Flush()
    {
        if (!_isOpen)
            return;
        foreach (var state in _types)
        {
            if (!state.IsAsked && !state.Interest.IsEmpty)
                AskFirst(state);
            else if (state.Subscribe.Count + state.Unsubscribe.Count > 0 && state.IsAsked)
                Ask(state, new DeltaDiscoveryRequest());
        }
    }

    public void OnOpened()
    {
        (_isOpen, _isNodeSent) = (true, false);
        foreach (var state in _types)
            state.IsAsked = false;
        Flush();
    }

    public void OnClosed() => _isOpen = false;

    /// <summary>A response has come; false when nobody asks for its type (any more).</summary>
    public bool OnResponse(DeltaDiscoveryResponse response)
    {
        if (_types.Find(state => state.Interest.Type.TypeUrl == response.TypeUrl) is not { } state)
            return false;
        var isWanted = !state.Interest.IsEmpty;
        var fault = isWanted ? apply(state.Interest.Type, response) : null;
        if (isWanted && fault is null)
            state.Remember(response);
        // Also where nothing is wanted any more: a server says no more of a type before it has heard what became of the last.
        if (_isOpen && state.IsAsked)
            Ask(state, new DeltaDiscoveryRequest { ResponseNonce = response.Nonce, ErrorDetail = fault is null ? null : Refusal.Of(fault) });
        return isWanted;
    }

    /// <summary>The first request of a type on a stream: everything that is wanted, and what is known of it.</summary>
    private void AskFirst(TypeState state)
    {
        state.IsAsked = true;
        state.Unsubscribe.Clear();
        state.Subscribe.Clear();
        // Everything is asked for by saying no name; beside names it has one of its own.
        if (state.Interest.IsEverything && state.Interest.Names.Count > 0)
            state.Subscribe.Add(Everything);
        foreach (var name in state.Interest.Names)
            state.Subscribe.Add(name);
        var request = new DeltaDiscoveryRequest();
        request.InitialResourceVersions.Add(state.Versions);
        Ask(state, request);
    }

    private void Ask(TypeState state, DeltaDiscoveryRequest request)
    {
        request.TypeUrl = state.Interest.Type.TypeUrl;
        request.Node = nodeOnFirstOnly && _isNodeSent ? null : node;
        request.ResourceNamesSubscribe.AddRange(state.Subscribe);
        request.ResourceNamesUnsubscribe.AddRange(state.Unsubscribe);
        state.Subscribe.Clear();
        state.Unsubscribe.Clear();
        _isNodeSent = true;
        send(request);
    }

    private sealed class TypeState(ResourceType type)
    {
        public Interest Interest { get; } = new(type);

        /// <summary>Accepted resources and their versions.</summary>
        public Dictionary<string, string> Versions { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Subscribe { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Unsubscribe { get; } = new(StringComparer.Ordinal);

        /// <summary>On this stream.</summary>
        public bool IsAsked { get; set; }

        /// <summary>A name is not asked for any more; it may have been that of a collection.</summary>
        public void ForgetWhatIsNotAskedFor(string name)
        {
            if (Interest.Covers(name))
                return;
            Versions.Remove(name);
            if (!XdsTpName.IsCollection(name))
                return;
            foreach (var member in Versions.Keys.Where(known => !Interest.Covers(known)).ToArray())
                Versions.Remove(member);
        }

        public void Remember(DeltaDiscoveryResponse response)
        {
            // Most resources of a response have the same version.
            var version = "";
            foreach (var resource in response.Resources)
            {
                version = resource.Version == version ? version : resource.Version;
                if (Interest.Covers(resource.Name))
                    Versions[Interest.Known(resource.Name)] = version;
            }

            foreach (var name in response.RemovedResources)
                Versions.Remove(name);
        }
    }
}
