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
    private readonly List<NameEndpoints> _names = [];

    public StrictDnsCluster(ClusterConfig config, FactoryContext context) : base(config)
    {
        _context = context;
        var resolver = DnsTarget.ResolverFor(config, context);
        foreach (var locality in config.Assignment.Localities)
        {
            foreach (var endpoint in locality.Endpoints)
                _names.Add(new NameEndpoints(this, locality, endpoint, resolver));
        }
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
        foreach (var name in _names)
            name.Target.Dispose();
        base.Dispose();
    }

    private void PublishAll() => Publish([.. _names.SelectMany(name => name.Endpoints)]);

    /// <summary>The endpoints that one name stands for now.</summary>
    private sealed class NameEndpoints
    {
        private readonly StrictDnsCluster _cluster;

        public NameEndpoints(StrictDnsCluster cluster, LocalityAssignment locality, EndpointAssignment endpoint, IDnsResolver resolver)
        {
            _cluster = cluster;
            Target = new DnsTarget(locality, endpoint, cluster.Config, resolver, cluster._context, OnAnswer, cluster.MarkInitialized);
        }

        public DnsTarget Target { get; }

        public List<Endpoint> Endpoints { get; private set; } = [];

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
