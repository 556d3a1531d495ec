using System.Globalization;
using Envoy.Config.Core.V3;

namespace Weft.Xds.Server;

/// <summary>
/// The server's end of discovery on one stream, of one type or of many (ADS). Knows no carrier, and answers in the order that leaves no gap:
/// clusters, endpoints, listeners, routes. Of each type there is at most one response that the client has not answered; what changes meanwhile comes in the
/// next, as one, so that a client that reads slowly, or not at all, costs no more than that however much changes. One thread.
/// </summary>
public abstract class DiscoverySession
{
    private readonly SnapshotCache _cache;
    private readonly ResourceType? _only;
    private long _nonce;

    /// <param name="only">The type of a stream that carries one type; null: ADS.</param>
    private protected DiscoverySession(SnapshotCache cache, IDiscoveryLog log, ResourceType? only) => (_cache, Log, _only) = (cache, log, only);

    /// <summary>Who asks; null until the first request.</summary>
    public Node? Node { get; private set; }

    private protected IDiscoveryLog Log { get; }

    /// <summary>What the client is to have; null: nobody has said it yet, so that it waits. An empty answer would take everything from it.</summary>
    private protected Snapshot? View => _cache.ViewOf(Node!) is var view && view != Snapshot.Empty ? view : null;

    /// <summary>The cache has changed, or the client has answered: sends what is new.</summary>
    public void OnChanged()
    {
        if (Node is null)
            return;
        foreach (var type in ResourceType.All)
        {
            // What refers to it must not come before it.
            if (!TrySend(type))
                return;
        }
    }

    /// <summary>What the client asks for, and how it stands to it.</summary>
    public IEnumerable<ClientResource> Resources()
    {
        foreach (var (type, names) in Asked)
        {
            var resources = _cache.ViewOf(Node!).Of(type);
            foreach (var resource in names.In(resources))
            {
                var (state, refusal) = StateOf(type, resource);
                yield return new ClientResource(type, resource.Name, resource, state, refusal);
            }

            foreach (var name in names.Single.Where(name => !resources.ContainsKey(name)))
                yield return new ClientResource(type, name, null, ClientResourceState.NotSent);
        }
    }

    /// <summary>What was asked for on this stream.</summary>
    private protected abstract IEnumerable<(ResourceType Type, AskedNames Names)> Asked { get; }

    /// <summary>How the client stands to a resource that it asks for, and why it has refused it ("": it has not).</summary>
    private protected abstract (ClientResourceState State, string Refusal) StateOf(ResourceType type, ServedResource resource);

    /// <summary>Sends what is new of a type, if the client has asked for it; false when that must wait until the client has answered the last response.</summary>
    private protected abstract bool TrySend(ResourceType type);

    /// <summary>The type of a request; null when the stream cannot go on, for the reason in <paramref name="fault"/>.</summary>
    private protected ResourceType? TypeOf(Node? node, string typeUrl, out string? fault)
    {
        if (Node is null && node is not null && _cache.ViewOf(node) == Snapshot.Empty)
            Log.OnUnknown(node);
        Node ??= node;
        var type = _only is not null && typeUrl.Length == 0 ? _only : ResourceType.Find(typeUrl);
        fault = Node is null ? "the first request needs a node"
            : type is null || (_only is not null && type != _only) ? $"the type {typeUrl} is not served here"
            : null;
        return fault is null ? type : null;
    }

    private protected string NextNonce() => (++_nonce).ToString(CultureInfo.InvariantCulture);

    /// <summary>The client has answered a response.</summary>
    /// <param name="refusal">Null: it was accepted.</param>
    private protected void Hear(ResourceType type, string version, Google.Rpc.Status? refusal)
    {
        if (refusal is null)
            Log.OnAccepted(Node!, type, version);
        else
            Log.OnRefused(Node!, type, version, refusal.Message);
    }
}
