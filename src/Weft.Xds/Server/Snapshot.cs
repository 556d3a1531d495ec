using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Xds.Server;

/// <summary>All that a client is to have, by type, with versions that are plain numbers: 1, 2, 3, ... Immutable; any thread.</summary>
public sealed class Snapshot
{
    /// <summary>Nothing at all.</summary>
    public static readonly Snapshot Empty = new([]);

    private readonly Dictionary<ResourceType, OfType> _types;

    private Snapshot(Dictionary<ResourceType, OfType> types) => _types = types;

    /// <summary>The version of a type; "0" when there were never any of it.</summary>
    public string VersionOf(ResourceType type) => _types.TryGetValue(type, out var resources) ? resources.Version.ToString(CultureInfo.InvariantCulture) : "0";

    /// <summary>The resources of a type, by name.</summary>
    public IReadOnlyDictionary<string, ServedResource> Of(ResourceType type) => _types.TryGetValue(type, out var resources) ? resources.ByName : OfType.None;

    /// <summary>
    /// The snapshot that follows this one: what did not change keeps its version, a type's version grows by one when any of its resources
    /// changed. Resources must have different names within a type.
    /// </summary>
    public Snapshot With(IEnumerable<IMessage> resources)
    {
        var next = new Dictionary<ResourceType, OfType>();
        var byType = resources.ToLookup(static resource => TypeOf(resource));
        foreach (var type in ResourceType.All)
        {
            var before = _types.GetValueOrDefault(type) ?? new OfType(0, []);
            if (byType.Contains(type) || before.ByName.Count > 0)
                next[type] = before.With(byType[type], type);
            else if (before.Version > 0)
                next[type] = before;
        }

        return new Snapshot(next);
    }

    private static ResourceType TypeOf(IMessage resource)
    {
        foreach (var type in ResourceType.All)
        {
            if (type.NameOf(resource) is not null)
                return type;
        }

        throw new ArgumentException($"{resource.GetType().Name} is no resource that is discovered");
    }

    private sealed class OfType(long version, Dictionary<string, ServedResource> byName)
    {
        public static readonly Dictionary<string, ServedResource> None = [];

        public long Version => version;

        public Dictionary<string, ServedResource> ByName => byName;

        public OfType With(IEnumerable<IMessage> resources, ResourceType type)
        {
            var next = (version + 1).ToString(CultureInfo.InvariantCulture);
            var changed = false;
            var result = new Dictionary<string, ServedResource>(StringComparer.Ordinal);
            foreach (var resource in resources)
            {
                var name = type.NameOf(resource)!;
                var body = new Any { TypeUrl = type.TypeUrl, Value = resource.ToByteString() };
                var isSame = byName.TryGetValue(name, out var before) && before.Body.Equals(body);
                changed |= !isSame;
                result.Add(name, isSame ? before! : new ServedResource(name, next, body));
            }

            return changed || result.Count != byName.Count ? new OfType(version + 1, result) : this;
        }
    }
}
