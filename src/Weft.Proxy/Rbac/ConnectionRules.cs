using System.Text;
using Weft.Net;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Rbac;

/// <summary>Which address of a connection an <see cref="AddressRule"/> looks at.</summary>
internal enum RbacAddress : byte
{
    /// <summary>destination_ip: where the client wanted to go.</summary>
    Destination,

    /// <summary>source_ip: the client as the connection tells (a PROXY header counts, x-forwarded-for does not).</summary>
    Connection,

    /// <summary>direct_remote_ip: the peer of the socket.</summary>
    DirectRemote,

    /// <summary>remote_ip: the client as far as trusted headers tell.</summary>
    Remote,
}

/// <summary>destination_ip, source_ip, direct_remote_ip, remote_ip.</summary>
internal sealed class AddressRule(AddressRange range, RbacAddress field) : RbacRule
{
    public override bool IsMatch(in RbacSubject subject) => range.Contains(field switch
    {
        RbacAddress.Destination => subject.Info.DownstreamLocalAddress,
        RbacAddress.Connection => subject.Info.ConnectionRemoteAddress,
        RbacAddress.DirectRemote => subject.Info.DownstreamDirectRemoteAddress,
        _ => subject.Info.DownstreamRemoteAddress,
    });
}

/// <summary>destination_port and destination_port_range.</summary>
/// <param name="start">The first port.</param>
/// <param name="end">Behind the last one.</param>
internal sealed class PortRule(int start, int end) : RbacRule
{
    public override bool IsMatch(in RbacSubject subject)
    {
        var address = subject.Info.DownstreamLocalAddress;
        return address.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6 && address.Port >= start && address.Port < end;
    }
}

/// <summary>requested_server_name.</summary>
internal sealed class ServerNameRule(StringMatcher matcher) : RbacRule
{
    // RFC 6066 section 3: a DNS name; a longer one than those may be is a client's invention.
    private const int MaxNameBytes = 1024;

    public override bool IsMatch(in RbacSubject subject)
    {
        Span<byte> bytes = stackalloc byte[MaxNameBytes];
        return Encoding.UTF8.TryGetBytes(subject.Info.RequestedServerName ?? "", bytes, out var length) && matcher.IsMatch(bytes[..length]);
    }
}

/// <summary>authenticated: the client speaks TLS, and one of the names in its certificate fits.</summary>
/// <param name="matcher">Null: any will do.</param>
internal sealed class AuthenticatedRule(StringMatcher? matcher) : RbacRule
{
    public override bool IsMatch(in RbacSubject subject)
    {
        if (subject.Info.DownstreamTls is not { } tls)
            return false;
        if (matcher is null)
            return true;
        foreach (var name in tls.PeerPrincipals)
        {
            if (matcher.IsMatch(name))
                return true;
        }

        return false;
    }
}

/// <summary>filter_state: what filters in front have left under a name.</summary>
internal sealed class FilterStateRule(FilterStateMatcher matcher) : RbacRule
{
    public override bool IsMatch(in RbacSubject subject) => matcher.IsMatch(subject.Info.FilterState);
}

/// <summary>metadata: what filters in front have found out.</summary>
internal sealed class MetadataRule(MetadataMatcher matcher) : RbacRule
{
    public override bool IsMatch(in RbacSubject subject) => matcher.IsMatch(subject.Info.DynamicMetadata);
}
