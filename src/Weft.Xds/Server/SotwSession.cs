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
        if (!isFirst && request.ResponseNonce.Length > 0 && !state.IsHeard)
        {
            state.IsHeard = true;
            Hear(type, state.SentVersion, request.ErrorDetail);
        }

        var names = request.ResourceNames.Where(static name => name != "*").ToHashSet(StringComparer.Ordinal);
        var isMore = isFirst || names.Except(state.Names).Any();
        (state.Names, state.IsEverything) = (names, type.IsComplete && names.Count == 0);
        if (isMore || state.SentVersion != View.VersionOf(type))
            Send(type, state);
        return null;
    }

    private protected override void OnChanged(ResourceType type)
    {
        if (_types.TryGetValue(type, out var state) && state.SentVersion != View.VersionOf(type))
            Send(type, state);
    }

    private void Send(ResourceType type, TypeState state)
    {
        var view = View;
        var resources = view.Of(type).Values.Where(resource => state.IsEverything || state.Names.Contains(resource.Name)).OrderBy(resource => resource.Name, StringComparer.Ordinal).ToList();
        // Nothing of what was asked for exists: the client waits for it.
        if (resources.Count == 0 && !type.IsComplete)
            return;
        (state.SentVersion, state.Nonce, state.IsHeard) = (view.VersionOf(type), NextNonce(), false);
        var response = new DiscoveryResponse { VersionInfo = state.SentVersion, TypeUrl = type.TypeUrl, Nonce = state.Nonce };
        response.Resources.AddRange(resources.Select(resource => resource.Body));
        send(response);
    }

    private sealed class TypeState
    {
        public HashSet<string> Names { get; set; } = [];

        public bool IsEverything { get; set; }

        public string SentVersion { get; set; } = "";

        public string Nonce { get; set; } = "";

        /// <summary>The client has answered the last response.</summary>
        public bool IsHeard { get; set; }
    }
}
