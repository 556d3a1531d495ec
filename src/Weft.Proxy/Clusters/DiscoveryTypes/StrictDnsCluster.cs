using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>
/// STRICT_DNS: every record of every configured name is an endpoint. An answer without records removes a name's
/// endpoints; a failure to get an answer keeps them. The same address under two names is two endpoints, under one name one.
/// </summary>
internal sealed class StrictDnsCluster : Cluster
{
    private readonly FactoryContext _context;
    private readonly IDnsResolver _resolver;
    private readonly HashSet<NameEndpoints> _unanswered = [];
    private List<NameEndpoints> _names;
    private List<NameEndpoints> _leaving = [];

    public StrictDnsCluster(ClusterConfig config, FactoryContext context) : base(config)
    {
        _context = context;
        _resolver = DnsTarget.ResolverFor(config, context);
        _names = TakeNames([]);
    }

    /// <summary>Initialized with the first answer for any name, as in Envoy; at once when there is no name.</summary>
    protected override void Discover()
    {
        foreach (var name in _names)
            name.Target.Resolve();
        if (_names.Count == 0)
            MarkInitialized();
    }

    public override void Dispose()
    {
        foreach (var name in _names.Concat(_leaving))
            name.Target.Dispose();
        base.Dispose();
    }

    /// <summary>Names that stay keep their endpoints; those that are configured no more keep theirs until each new one has been asked for.</summary>
    private protected override void UpdateEndpoints(bool isReconfigured)
    {
        var former = _names;
        _names = TakeNames(former);
        _leaving.AddRange(former.Except(_names));
        _unanswered.RemoveWhere(name => !_names.Contains(name));
        var added = _names.Except(former).ToArray();
        _unanswered.UnionWith(added);
        if (_unanswered.Count == 0)
            Leave();
        PublishAll(isReconfigured);
        foreach (var name in added)
            name.Target.Resolve();
    }

    private void PublishAll(bool isReconfigured = false) => Publish([.. _names.Concat(_leaving).SelectMany(static name => name.Endpoints)], Config.Assignment, isReconfigured);

    /// <summary>The configured names, those of <paramref name="former"/> that are among them again as they are.</summary>
    private List<NameEndpoints> TakeNames(IEnumerable<NameEndpoints> former)
    {
        var left = former.ToList();
        var names = new List<NameEndpoints>();
        foreach (var locality in Config.Assignment.Localities)
        {
            foreach (var endpoint in locality.Endpoints)
            {
                var same = left.Find(name => name.Is(locality, endpoint));
                if (same is not null)
                    left.Remove(same);
                names.Add(same ?? new NameEndpoints(this, locality, endpoint, _resolver));
            }
        }

        return names;
    }

    private void OnResolved(NameEndpoints name)
    {
        if (_unanswered.Remove(name) && _unanswered.Count == 0)
        {
            Leave();
            PublishAll();
        }

        MarkInitialized();
    }

    private void Leave()
    {
        foreach (var name in _leaving)
            name.Target.Dispose();
        _leaving = [];
    }

    /// <summary>The endpoints that one name stands for now.</summary>
    private sealed class NameEndpoints
    {
        private readonly StrictDnsCluster _cluster;

        public NameEndpoints(StrictDnsCluster cluster, LocalityAssignment locality, EndpointAssignment endpoint, IDnsResolver resolver)
        {
            _cluster = cluster;
            Target = new DnsTarget(locality, endpoint, cluster.Config, resolver, cluster._context, OnAnswer, () => cluster.OnResolved(this));
        }

        public DnsTarget Target { get; }

        public List<Endpoint> Endpoints { get; private set; } = [];

        public bool Is(LocalityAssignment locality, EndpointAssignment endpoint) => Target.Locality.Place == locality.Place && Target.Assignment == endpoint;

        private bool OnAnswer(DnsResult result)
        {
            var known = Endpoints.ToDictionary(endpoint => endpoint.Address);
            var seen = new HashSet<NetAddress>();
            var endpoints = new List<Endpoint>(result.Addresses.Count);
            var isChanged = false;
            foreach (var record in result.Addresses)
            {
                var address = Target.AddressOf(record);
                if (!seen.Add(address))
                    continue;
                if (!known.TryGetValue(address, out var endpoint))
                {
                    endpoint = _cluster.TakeBack(address, Target.Hostname)
                        ?? EndpointFactory.Create(Target.Locality, Target.Assignment, address, Target.Hostname, _cluster._context.Stats);
                    isChanged = true;
                }
                endpoints.Add(endpoint);
            }
            isChanged |= endpoints.Count != Endpoints.Count;
            if (!isChanged)
            {
                _cluster.Config.Stats.UpdateNoRebuild.Inc();
                return true;
            }
            Endpoints = endpoints;
            _cluster.PublishAll();
            return true;
        }
    }
}
