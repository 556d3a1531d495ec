using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>Which endpoints are in which subset, whatever their health. It holds until endpoints come or go or have other metadata. Immutable.</summary>
internal sealed class SubsetMembers
{
    private readonly Dictionary<string, Members> _subsets = [];
    private readonly Dictionary<Endpoint, KeysOfEndpoint> _keys = [];

    /// <param name="previous">The members before: of endpoints whose metadata are the same it is known where they belong.</param>
    public SubsetMembers(SubsetConfig config, EndpointsSnapshot endpoints, SubsetMembers? previous)
    {
        for (var priority = 0; priority < endpoints.Priorities.Count; priority++)
        {
            foreach (var endpoint in endpoints.Priorities[priority].All)
            {
                var keys = previous?._keys.GetValueOrDefault(endpoint) is { } known && known.Revision == endpoint.Revision ? known : KeysOf(endpoint, config);
                _keys.TryAdd(endpoint, keys);
                foreach (var (key, isSingleHost) in keys.Keys)
                    Add(endpoint, key, isSingleHost, priority, endpoints.Priorities.Count);
            }
        }

        Default = [.. endpoints.Priorities.Select(priority => Array.FindAll(priority.All, endpoint => config.DefaultSubset.IsMetBy(endpoint, config.ListAsAny)))];
    }

    /// <summary>By the text of their criteria.</summary>
    public IReadOnlyDictionary<string, Members> Subsets => _subsets;

    /// <summary>The default subset by priority.</summary>
    public Endpoint[][] Default { get; }

    /// <summary>Endpoints left out because another one has their subset for itself.</summary>
    public int SingleHostDuplicates { get; private set; }

    private void Add(Endpoint endpoint, string key, bool isSingleHost, int priority, int priorities)
    {
        if (!_subsets.TryGetValue(key, out var subset))
            _subsets.Add(key, subset = new Members(isSingleHost, priorities));
        if (subset is { IsSingleHost: true, First: not null })
            SingleHostDuplicates++;
        else
            subset.Add(endpoint, priority);
    }

    private static KeysOfEndpoint KeysOf(Endpoint endpoint, SubsetConfig config) => new(
        endpoint.Revision,
        [.. config.Selectors.SelectMany(selector => Combinations(endpoint, selector.Keys, config.ListAsAny).Select(values => (new MetadataCriteria(values).Text, selector.IsSingleHost)))]);

    /// <summary>The values that an endpoint has for all names: none when it lacks one, several when lists count as any of their elements.</summary>
    private static IEnumerable<List<KeyValuePair<string, Value>>> Combinations(Endpoint endpoint, string[] names, bool listAsAny)
    {
        if (endpoint.Metadata is not { } metadata || !metadata.FilterMetadata.TryGetValue(MetadataCriteria.FilterName, out var has))
            return [];
        List<List<KeyValuePair<string, Value>>> combinations = [[]];
        foreach (var name in names)
        {
            if (!has.Fields.TryGetValue(name, out var value))
                return [];
            IEnumerable<Value> values = listAsAny && value.KindCase == Value.KindOneofCase.ListValue ? value.ListValue.Values : [value];
            combinations = [.. combinations.SelectMany(so => values.Select(one => new List<KeyValuePair<string, Value>>(so) { KeyValuePair.Create(name, one) }))];
        }
        return combinations;
    }

    /// <summary>The subsets that an endpoint belongs to, with the metadata of one revision.</summary>
    private sealed record KeysOfEndpoint(int Revision, (string Key, bool IsSingleHost)[] Keys);

    internal sealed class Members(bool isSingleHost, int priorities)
    {
        private readonly List<Endpoint>?[] _byPriority = new List<Endpoint>?[priorities];
        private Endpoint[][]? _arrays;

        public bool IsSingleHost { get; } = isSingleHost;

        public Endpoint? First { get; private set; }

        /// <summary>In the order of the cluster; the same arrays with each call. Once all are added.</summary>
        public Endpoint[][] ByPriority => _arrays ??= Array.ConvertAll(_byPriority, static list => list?.ToArray() ?? []);

        public void Add(Endpoint endpoint, int priority)
        {
            First ??= endpoint;
            (_byPriority[priority] ??= []).Add(endpoint);
        }
    }
}
