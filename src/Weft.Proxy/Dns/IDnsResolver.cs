using System.Net;

namespace Weft.Proxy.Dns;

/// <summary>Which records to ask for (Cluster.dns_lookup_family).</summary>
public enum DnsLookupFamily
{
    /// <summary>AAAA, then A if there is none.</summary>
    Auto,
    V4Only,
    V6Only,

    /// <summary>A, then AAAA if there is none.</summary>
    V4Preferred,

    /// <summary>Both, IPv4 first in the result.</summary>
    All,
}

/// <summary>
/// The outcome of a look-up. Success with no addresses means that the name does not exist or has no such records; as in
/// Envoy both are answers, not failures.
/// </summary>
/// <param name="Succeeded">False: time-out or failure of the servers.</param>
/// <param name="Addresses">All records, in the order of the answer.</param>
/// <param name="TtlSeconds">The least TTL along the answer, CNAMEs included; 0 when unknown (hosts file, IP literal).</param>
/// <param name="Error">For the log: why there are no addresses; null when there are.</param>
public sealed record DnsResult(bool Succeeded, IReadOnlyList<IPAddress> Addresses, uint TtlSeconds, string? Error);

/// <summary>Resolves names on the main thread without blocking it.</summary>
public interface IDnsResolver
{
    /// <summary>Calls back on the main loop, never from within this call. Disposing the returned object cancels.</summary>
    IDisposable Resolve(string name, DnsLookupFamily family, Action<DnsResult> callback);
}
