using Weft.Net;
using Message = Envoy.Config.Cluster.V3.UpstreamConnectionOptions.Types.HappyEyeballsConfig;
using Family = Envoy.Config.Cluster.V3.UpstreamConnectionOptions.Types.FirstAddressFamilyVersion;

namespace Weft.Proxy.Clusters;

/// <summary>
/// happy_eyeballs_config: in which order the addresses of an endpoint are tried (RFC 8305 section 4). So many of one family, then one of the other, and again.
/// Immutable; any thread.
/// </summary>
/// <param name="First">The family to begin with; None: that of the endpoint's own address.</param>
/// <param name="Count">How many of it come before one of the other.</param>
internal sealed record AddressOrder(NetAddressKind First, int Count)
{
    /// <summary>Null where nothing is configured that would change the usual order.</summary>
    public static AddressOrder? Create(Message? config)
    {
        if (config is null)
            return null;
        var first = config.FirstAddressFamilyVersion switch
        {
            Family.V4 => NetAddressKind.IPv4,
            Family.V6 => NetAddressKind.IPv6,
            _ => NetAddressKind.None,
        };
        var count = (int)Math.Min(config.FirstAddressFamilyCount ?? 1, int.MaxValue);
        return first == NetAddressKind.None && count == 1 ? null : new AddressOrder(first, count);
    }

    /// <summary>All addresses of an endpoint; within a family they stay as they are.</summary>
    public NetAddress[] Sort(NetAddress own, NetAddress[] others)
    {
        var family = First == NetAddressKind.None ? own.Kind : First;
        NetAddress[] given = [own, .. others];
        var preferred = new Queue<NetAddress>(given.Where(address => address.Kind == family));
        var rest = new Queue<NetAddress>(given.Where(address => address.Kind != family));
        var sorted = new List<NetAddress>(given.Length);
        while (sorted.Count < given.Length)
        {
            for (var i = 0; i < Count && preferred.TryDequeue(out var address); i++)
                sorted.Add(address);
            if (rest.TryDequeue(out var other))
                sorted.Add(other);
        }

        return [.. sorted];
    }
}
