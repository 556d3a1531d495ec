using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>
/// LOGICAL_DNS: one endpoint that stands for the name. New connections go to the first record of the newest answer; those
/// that exist live on, whatever the name says later. Neither a failure nor an empty answer changes anything.
/// </summary>
internal sealed class LogicalDnsCluster : Cluster
{
    private readonly FactoryContext _context;
    private readonly DnsTarget? _target;
    private Endpoint? _endpoint;

    public LogicalDnsCluster(ClusterConfig config, FactoryContext context) : base(config)
    {
        _context = context;
        // Without its one endpoint the configuration was refused.
        if (config.Assignment.Localities is [{ Endpoints: [var endpoint, ..] } locality, ..])
            _target = new DnsTarget(AtHighestPriority(locality), endpoint, config, DnsTarget.ResolverFor(config, context), context, OnAnswer, MarkInitialized);
    }

    protected override void Discover()
    {
        if (_target is null)
            MarkInitialized();
        else
            _target.Resolve();
    }

    public override void Dispose()
    {
        _target?.Dispose();
        base.Dispose();
    }

    private bool OnAnswer(DnsResult result)
    {
        if (result.Addresses.Count == 0)
            return false;
        var address = _target!.AddressOf(result.Addresses[0]);
        if (_endpoint is null)
        {
            _endpoint = EndpointFactory.Create(_target.Locality, _target.Assignment, address, _target.Hostname, _context.Stats);
            Publish([_endpoint]);
        }
        else if (_endpoint.Address == address)
        {
            Config.Stats.UpdateNoRebuild.Inc();
        }
        else
        {
            _endpoint.MoveTo(address);
        }
        return true;
    }

    /// <summary>There is only one endpoint, so its priority says nothing; Envoy takes it for 0.</summary>
    private static LocalityAssignment AtHighestPriority(LocalityAssignment locality) => new()
    {
        Region = locality.Region,
        Zone = locality.Zone,
        SubZone = locality.SubZone,
        Weight = locality.Weight,
        Endpoints = locality.Endpoints,
    };
}
