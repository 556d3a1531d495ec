using Weft.Net;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Clusters.DiscoveryTypes.OriginalDst;

/// <summary>Picks the endpoint that the request itself names: by dynamic metadata, by a header, or as the address that the client wanted to reach. Worker thread.</summary>
internal sealed class OriginalDstLoadBalancer(OriginalDstPlan plan) : LoadBalancer
{
    private readonly OriginalDstConfig _config = plan.Cluster.Config.OriginalDst!;

    /// <summary>Endpoints that the main thread does not know yet.</summary>
    private Dictionary<NetAddress, Endpoint>? _fresh;

    public override Endpoint? Pick(in LoadBalancerContext context)
    {
        if (!TryDestination(context, out var address))
            return null;
        if (_config.Port is { } port)
            address = address.WithPort(port);
        if (plan.Find(address) is not { } endpoint)
            return Fresh(address);
        if (!endpoint.WasPicked)
            endpoint.WasPicked = true;
        return endpoint;
    }

    private bool TryDestination(in LoadBalancerContext context, out NetAddress address)
    {
        if (_config.MetadataNamespace.Length > 0 && context.Info is { } stream && TryMetadata(stream, out address))
            return true;
        // Anybody may have sent the header: only its first value counts.
        if (_config.Header is { } name && context.RequestHeaders is { } headers && headers.TryGet(name, out var named) && TryParse(named, out address))
            return true;
        address = context.Info is { IsLocalAddressRestored: true } info ? info.DownstreamLocalAddress : default;
        return address.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6;
    }

    private bool TryMetadata(StreamInfo info, out NetAddress address)
    {
        var value = info.DynamicMetadata.Find(_config.MetadataNamespace, _config.MetadataPath);
        address = default;
        return value.Kind == MetadataKind.Text && TryParse(value.Text, out address);
    }

    private bool TryParse(ReadOnlySpan<byte> text, out NetAddress address)
    {
        if (AddressWithPort.TryParse(text, out address))
            return true;
        plan.Cluster.Config.Stats.OriginalDstHostInvalid.Inc();
        return false;
    }

    /// <summary>An endpoint for the time until the main thread has made a lasting one; connections to it end then.</summary>
    private Endpoint Fresh(NetAddress address)
    {
        if ((_fresh ??= []).TryGetValue(address, out var endpoint))
            return endpoint;
        var text = address.ToString();
        endpoint = new Endpoint { Address = address, AddressText = text, Hostname = plan.Cluster.Config.Name + text, Stats = new EndpointStats(), IsRemoved = true };
        _fresh.Add(address, endpoint);
        plan.Cluster.Report(address);
        return endpoint;
    }
}
