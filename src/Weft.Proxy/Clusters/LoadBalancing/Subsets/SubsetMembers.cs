using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>Which endpoints are in which subset, whatever their health. It holds until endpoints come or go. Immutable.</summary>
internal sealed class SubsetMembers
{
    private readonly Dictionary<string, Members> _subsets = [];

    public SubsetMembers(SubsetConfig config, EndpointsSnapshot endpoints)
    {
        foreach (var priority in endpoints.Priorities)
        {
            foreach (var endpoint in priority.All)
            {
                foreach (var selector in config.Selectors)
                    Add(endpoint, selector, config.ListAsAny);
            }
        }
    }

    /// <summary>By the text of their criteria.</summary>
    public IReadOnlyDictionary<string, Members> Subsets => _subsets;

    /// <summary>Endpoints left out because another one has their subset for itself.</summary>
    public int SingleHostDuplicates { get; private set; }

    private void Add(Endpoint endpoint, SubsetSelector selector, bool listAsAny)
    {
        foreach (var values in Combinations(endpoint, selector.Keys, listAsAny))
        {
            var key = new MetadataCriteria(values).Text;
            if (!_subsets.TryGetValue(key, out var subset))
                _subsets.Add(key, subset = new Members(selector.IsSingleHost));
            if (subset.IsSingleHost && subset.Endpoints.Count > 0)
                SingleHostDuplicates++;
            else
                subset.Endpoints.Add(endpoint);
        }
    }

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

    internal sealed class Members(bool isSingleHost)
    {
        public bool IsSingleHost { get; } = isSingleHost;

        /// <summary>By priority, in the order of the cluster.</summary>
        public List<Endpoint> Endpoints { get; } = [];
    }
}
