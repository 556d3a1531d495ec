using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace Weft.Xds.Client;

/// <summary>
/// The client's end of state-of-the-world discovery on one stream, of one type or of many (ADS): what is asked for, versions, nonces, ACK and
/// NACK. Knows no carrier: requests go to <paramref name="send"/>. What was accepted outlives the stream. One thread.
/// </summary>
/// <param name="node">Who asks.</param>
/// <param name="nodeOnFirstOnly">set_node_on_first_message_only.</param>
/// <param name="send">Takes requests while the stream is open.</param>
/// <param name="apply">Takes a response over; gives why it was refused, null when it was not.</param>
public sealed class SotwClient(Node node, bool nodeOnFirstOnly, Action<DiscoveryRequest> send, Func<ResourceType, DiscoveryResponse, string?> apply) : IDiscoveryClient
{
    private readonly List<TypeState> _types = [];
    private bool _isOpen;
    private bool _isNodeSent;

    public void Watch(ResourceType type, string? name)
    {
        var state = _types.Find(known => known.Interest.Type == type);
        if (state is null)
            _types.Add(state = new TypeState(type));
        state.IsChanged |= (state.Interest.Add(name) && state.Matters(name)) || !state.IsAsked;
    }

    public void Unwatch(ResourceType type, string? name)
    {
        if (_types.Find(known => known.Interest.Type == type) is { } state)
            state.IsChanged |= state.Interest.Remove(name) && state.Matters(name);
    }

    /// <summary>The version accepted last; empty: none.</summary>
    public string AcceptedVersion(ResourceType type) => _types.Find(known => known.Interest.Type == type)?.Version ?? "";

    /// <summary>
    /// Names that are asked for of which a response that is about to be applied says that there is nothing (any more): of a type whose responses are complete, and
    /// only where the server had heard of the name when it answered.
    /// </summary>
    /// <param name="version">Of the response.</param>
    /// <param name="has">Whether a resource of that name is in it.</param>
    public IReadOnlyList<string> Missing(ResourceType type, string version, Func<string, bool> has) =>
        _types.Find(known => known.Interest.Type == type) is { Questions: { } questions } state ? questions.Missing(state.Interest.Names, isAnswer: !state.IsAnswered || version == state.Version, has) : [];

    public void Forget(ResourceType type, string name)
    {
        if (_types.Find(known => known.Interest.Type == type) is { } state)
            state.IsIncomplete = true;
    }

    public void ForgetVersions()
    {
        foreach (var state in _types)
            state.IsIncomplete = true;
    }

    public void Flush()
    {
        if (!_isOpen)
            return;
        foreach (var state in _types)
        {
            if (state.IsChanged && (!state.Interest.IsEmpty || state.CanAskForNothing))
                Ask(state);
        }
    }

    public void OnOpened()
    {
        (_isOpen, _isNodeSent) = (true, false);
        foreach (var state in _types)
            state.Begin();
        Flush();
    }

    public void OnClosed() => _isOpen = false;

    /// <summary>A response has come; false when nobody asks for its type (any more).</summary>
    public bool OnResponse(DiscoveryResponse response)
    {
        if (_types.Find(state => state.Interest.Type.TypeUrl == response.TypeUrl) is not { } state)
            return false;
        state.Nonce = response.Nonce;
        var isWanted = !state.Interest.IsEmpty;
        var fault = isWanted ? apply(state.Interest.Type, response) : null;
        if (isWanted && fault is null)
            state.Accept(response.VersionInfo);
        state.IsAnswered = true;
        // Also where nothing is wanted any more: a server says no more of a type before it has heard what became of the last.
        if (_isOpen && (!state.Interest.IsEmpty || state.CanAskForNothing))
            Ask(state, fault);
        return isWanted;
    }

    private void Ask(TypeState state, string? fault = null)
    {
        (state.IsChanged, state.IsAsked) = (false, true);
        var request = new DiscoveryRequest
        {
            TypeUrl = state.Interest.Type.TypeUrl,
            VersionInfo = state.Version,
            ResponseNonce = state.Nonce,
            Node = nodeOnFirstOnly && _isNodeSent ? null : node,
            ErrorDetail = fault is null ? null : Refusal.Of(fault),
        };
        if (!state.Interest.IsEverything)
        {
            request.ResourceNames.AddRange(state.Interest.Names);
            state.Questions?.Ask(state.Interest.Names);
        }

        _isNodeSent = true;
        send(request);
    }

    private sealed class TypeState(ResourceType type)
    {
        public Interest Interest { get; } = new(type);

        /// <summary>The last accepted one.</summary>
        public string Version { get; private set; } = "";

        /// <summary>Of the last response on this stream.</summary>
        public string Nonce { get; set; } = "";

        public bool IsChanged { get; set; }

        public bool IsAsked { get; set; }

        /// <summary>There was a response on this stream.</summary>
        public bool IsAnswered { get; set; }

        /// <summary>Of a type whose responses are complete.</summary>
        public NamedQuestions? Questions { get; } = type.IsComplete ? new NamedQuestions() : null;

        /// <summary>An empty list tells the server that nothing is wanted any more; where no name was ever said it would mean everything.</summary>
        public bool CanAskForNothing => IsAsked && (Questions is null || Questions.HasAny);

        /// <summary>Not all of <see cref="Version"/> is in use any more.</summary>
        public bool IsIncomplete { get; set; }

        /// <summary>A stream begins. With a version of which a part is missing a server would not send that part again.</summary>
        public void Begin()
        {
            if (IsIncomplete)
                (Version, IsIncomplete) = ("", false);
            (Nonce, IsAsked, IsAnswered, IsChanged) = ("", false, false, true);
            Questions?.Clear();
        }

        /// <summary>Heartbeats of the same version bring nothing back.</summary>
        public void Accept(string version) => (Version, IsIncomplete) = (version, IsIncomplete && version == Version);

        /// <summary>A name is not said where everything is asked for.</summary>
        public bool Matters(string? name) => name is null || !Interest.IsEverything;
    }
}
