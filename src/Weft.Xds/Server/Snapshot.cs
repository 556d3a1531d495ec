using System.Globalization;
using Google.Protobuf;

namespace Weft.Xds.Server;

/// <summary>All that a client is to have, by type, with versions that are plain numbers: 1, 2, 3, ... Immutable; any thread.</summary>
public sealed class Snapshot
{
    /// <summary>Nothing was ever said of what there is; one without resources comes of <see cref="With"/>.</summary>
    public static readonly Snapshot Empty = new([]);

    /// <summary>What routes and listeners refer to, and what those refer to.</summary>
    private static readonly ResourceType[] s_referredTo = [ResourceType.Clusters, ResourceType.Endpoints, ResourceType.LocalityEndpoints];

    private readonly Dictionary<ResourceType, OfType> _types;

    private Snapshot(Dictionary<ResourceType, OfType> types) => _types = types;

    /// <summary>The version of a type; "0" when there were never any of it.</summary>
    public string VersionOf(ResourceType type) => _types.TryGetValue(type, out var resources) ? resources.Version.ToString(CultureInfo.InvariantCulture) : "0";

    /// <summary>The resources of a type, by name.</summary>
    public IReadOnlyDictionary<string, ServedResource> Of(ResourceType type) => _types.TryGetValue(type, out var resources) ? resources.ByName : OfType.None;

    /// <summary>
    /// The snapshot that follows this one: what did not change keeps its version, a type's version grows by one when any of its resources
    /// changed. Resources must have different names within a type; those that do not say their name come in an envoy.service.discovery.v3.Resource.
    /// </summary>
    /// <param name="resources">All there is.</param>
    /// <param name="step">What of them this snapshot has.</param>
    /// <exception cref="ArgumentException">A message is no resource that is discovered.</exception>
    public Snapshot With(IEnumerable<IMessage> resources, SnapshotStep step = SnapshotStep.All)
    {
        var next = new Dictionary<ResourceType, OfType>();
        var byType = resources.Select(static message => NamedResource.Of(message) ?? throw new ArgumentException($"{message.GetType().Name} is no resource that is discovered")).ToLookup(static resource => resource.Type);
        foreach (var type in ResourceType.All)
        {
            var before = _types.GetValueOrDefault(type) ?? new OfType(0, []);
            var isReferredTo = s_referredTo.Contains(type);
            if (step == SnapshotStep.Clusters && !isReferredTo)
                next[type] = before;
            else if (byType.Contains(type) || before.ByName.Count > 0)
                next[type] = before.With(byType[type], keepsOthers: isReferredTo && step != SnapshotStep.All);
            else if (before.Version > 0)
                next[type] = before;
        }

        return new Snapshot(next);
    }

    /// <summary>Whether a client that has one has the other.</summary>
    public bool IsSameAs(Snapshot other) => ResourceType.All.All(type => VersionOf(type) == other.VersionOf(type));

    private sealed class OfType(long version, Dictionary<string, ServedResource> byName)
    {
        public static readonly Dictionary<string, ServedResource> None = [];

        public long Version => version;

        public Dictionary<string, ServedResource> ByName => byName;

        public OfType With(IEnumerable<NamedResource> resources, bool keepsOthers)
        {
            var next = (version + 1).ToString(CultureInfo.InvariantCulture);
            var changed = false;
            var result = new Dictionary<string, ServedResource>(StringComparer.Ordinal);
            foreach (var (_, name, body) in resources)
            {
                var isSame = byName.TryGetValue(name, out var before) && before.Body.Equals(body);
                changed |= !isSame;
                result.Add(name, isSame ? before! : new ServedResource(name, next, body));
            }

            foreach (var (name, known) in keepsOthers ? byName : None)
                result.TryAdd(name, known);
            return changed || result.Count != byName.Count ? new OfType(version + 1, result) : this;
        }
    }
}
