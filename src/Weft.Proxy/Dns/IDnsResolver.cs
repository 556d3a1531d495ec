using System.Net;

namespace Weft.Proxy.Dns;

/// <summary>Which records to ask for (Cluster.dns_lookup_family).</summary>
public enum DnsLookupFamily { Auto, V4Only, V6Only, V4Preferred, All }

/// <summary>The outcome of a look-up. Success with no addresses means that the name exists without such records.</summary>
/// <param name="Succeeded">False: time-out, server failure, or no such name.</param>
/// <param name="Addresses">All records, in the order of the answer.</param>
/// <param name="TtlSeconds">The least TTL along the answer, CNAMEs included.</param>
/// <param name="Error">For the log; null when it succeeded.</param>
public sealed record DnsResult(bool Succeeded, IReadOnlyList<IPAddress> Addresses, uint TtlSeconds, string? Error);

/// <summary>Resolves names on the main thread without blocking it.</summary>
public interface IDnsResolver
{
    /// <summary>Calls back on the main loop, never from within this call. Disposing the returned object cancels.</summary>
    IDisposable Resolve(string name, DnsLookupFamily family, Action<DnsResult> callback);
}
