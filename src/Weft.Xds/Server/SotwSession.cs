using System.Globalization;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace Weft.Xds.Server;

/// <summary>
/// The server's end of state-of-the-world discovery on one stream, of one type or of many (ADS). Knows no carrier: responses go to
/// <paramref name="send"/>, in the order that leaves no gap: clusters, endpoints, listeners, routes. One thread.
/// </summary>
/// <param name="only">The type of a stream that carries one type; null: ADS.</param>
public sealed class SotwSession(SnapshotCache cache, IDiscoveryLog log, ResourceType? only, Action<DiscoveryResponse> send)
{
    private readonly Dictionary<ResourceType, TypeState> _types = [];
    private Node? _node;
    private long _nonce;

    /// <summary>A request has come; null, or why the stream cannot go on.</summary>
    public string? OnRequest(DiscoveryRequest request)
    {
        _node ??= request.Node;
        if (_node is null)
            return "the first request needs a node";
        var type = only is not null && request.TypeUrl.Length == 0 ? only : ResourceType.Find(request.TypeUrl);
        if (type is null || (only is not null && type != only))
            return $"the type {request.TypeUrl} is not served here";
        var isFirst = !_types.TryGetValue(type, out var state);
        state ??= _types[type] = new TypeState();
        // An answer to an earlier response: a newer one is on its way already.
        if (!isFirst && request.ResponseNonce.Length > 0 && request.ResponseNonce != state.Nonce)
            return null;
        if (!isFirst && request.ResponseNonce.Length > 0)
            Hear(type, state, request);
        var names = request.ResourceNames.Where(static name => name != "*").ToHashSet(StringComparer.Ordinal);
        var isMore = isFirst || names.Except(state.Names).Any();
        (state.Names, state.IsEverything) = (names, type.IsComplete && names.Count == 0);
        if (isMore || state.SentVersion != cache.ViewOf(_node).VersionOf(type))
            Send(type, state);
        return null;
    }

    /// <summary>The cache has changed: sends what is new.</summary>
    public void OnChanged()
    {
        if (_node is null)
            return;
        foreach (var type in ResourceType.All)
        {
            if (_types.TryGetValue(type, out var state) && state.SentVersion != cache.ViewOf(_node).VersionOf(type))
                Send(type, state);
        }
    }

    private void Hear(ResourceType type, TypeState state, DiscoveryRequest request)
    {
        if (state.IsHeard)
            return;
        state.IsHeard = true;
        if (request.ErrorDetail is { } error)
            log.OnRefused(_node!, type, state.SentVersion, error.Message);
        else
            log.OnAccepted(_node!, type, state.SentVersion);
    }

    private void Send(ResourceType type, TypeState state)
    {
        var view = cache.ViewOf(_node!);
        var resources = view.Of(type).Values.Where(resource => state.IsEverything || state.Names.Contains(resource.Name)).OrderBy(resource => resource.Name, StringComparer.Ordinal).ToList();
        // Nothing of what was asked for exists: the client waits for it.
        if (resources.Count == 0 && !type.IsComplete)
            return;
        (state.SentVersion, state.Nonce, state.IsHeard) = (view.VersionOf(type), (++_nonce).ToString(CultureInfo.InvariantCulture), false);
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
