using Weft.Base.Stats;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;

/// <summary>envoy.filters.listener.proxy_protocol: the client's address, and more, from the header that a proxy in front of us sends first.</summary>
internal sealed class ProxyProtocolFilter(ProxyProtocolFactory config) : ListenerFilter
{
    public override ListenerFilterStatus OnData(AcceptedConnection connection, ReadOnlySpan<byte> data, out int consumed)
    {
        consumed = 0;
        var status = ProxyHeaderReader.Read(data, out var header, out var version);
        // Where no header is needed, one of a version that is not wanted is none.
        if (config.AllowsWithout && version > 0 && config.IsDisallowed(version))
            status = ProxyHeaderStatus.NotFound;
        switch (status)
        {
            case ProxyHeaderStatus.NeedsMore:
                return ListenerFilterStatus.NeedsMore;
            case ProxyHeaderStatus.NotFound when config.AllowsWithout:
                config.NotFoundAllowed.Inc();
                return ListenerFilterStatus.Continue;
            case ProxyHeaderStatus.NotFound or ProxyHeaderStatus.Malformed when version == 0:
                return Refuse(config.NotFoundDisallowed);
        }

        if (config.IsDisallowed(version))
        {
            config.Version(version).Found.Inc();
            config.Version(version).Disallowed.Inc();
            return ListenerFilterStatus.Close;
        }

        if (header is null || !IsUsable(header))
            return Refuse(config.Version(version).Error);
        config.Version(version).Found.Inc();
        Apply(connection, header);
        consumed = header.Length;
        return ListenerFilterStatus.Continue;
    }

    private ListenerFilterStatus Refuse(Counter reason)
    {
        reason.Inc();
        config.Errors.Inc();
        return ListenerFilterStatus.Close;
    }

    /// <summary>TCP goes from one host to one host.</summary>
    private static bool IsUsable(ProxyHeader header) => header.IsLocal || (header.Source.IsUnicast && header.Destination.IsUnicast);

    /// <summary>The header with only those values that upstreams may hear of.</summary>
    private ProxyHeader PassedOn(ProxyHeader header) => header.Tlvs.Count == 0 ? header : new ProxyHeader
    {
        Version = header.Version,
        Length = header.Length,
        IsLocal = header.IsLocal,
        Source = header.Source,
        Destination = header.Destination,
        Tlvs = [.. header.Tlvs.Where(tlv => config.PassThrough.Passes(tlv.Type))],
    };

    private void Apply(AcceptedConnection connection, ProxyHeader header)
    {
        connection.ProxyHeader = PassedOn(header);
        foreach (var (type, value) in header.Tlvs)
        {
            if (config.RuleFor(type) is { } rule)
                (connection.Metadata ??= new DynamicMetadata()).Set(rule.Namespace, rule.Key, value);
        }

        if (header.IsLocal)
            return;
        connection.IsLocalAddressRestored |= header.Destination != connection.LocalAddress;
        connection.LocalAddress = header.Destination;
        connection.RemoteAddress = header.Source;
    }
}
