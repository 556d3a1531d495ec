using System.Net;
using System.Net.Sockets;
using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.Dns;

/// <summary>
/// Weft's DNS resolver, on the main loop: IP literals, localhost, the hosts file (which wins), then the servers and search
/// list of resolv.conf or of the configuration. It keeps no cache: its users refresh on their own schedule.
/// </summary>
public sealed class DnsResolver : IDnsResolver
{
    private readonly EventLoop _loop;
    private readonly DnsResolverConfig _config;
    private readonly DnsStats _stats;
    private readonly HostsFile _hosts;
    private readonly SystemDnsConfig _system;
    private uint _lookups;

    /// <param name="stats">The root: the resolver counts under <c>dns.cares.</c>, as Envoy's.</param>
    public DnsResolver(EventLoop loop, DnsResolverConfig config, StatsStore stats)
    {
        _loop = loop;
        _config = config;
        _stats = new DnsStats(stats.Scope("dns.cares."));
        _hosts = new HostsFile(config.HostsPath);
        _system = new SystemDnsConfig(config.ResolvConfPath, _stats);
    }

    public IDisposable Resolve(string name, DnsLookupFamily family, Action<DnsResult> callback)
    {
        if (NetAddress.TryParseIP(name, 0, out var literal))
            return Later(Filter([literal.ToIPAddress()], family), callback, $"{name} is not of the family asked for");
        var known = Filter(_hosts.Find(name), family);
        if (known.Length == 0 && IsLocalhost(name))
            known = Filter([IPAddress.IPv6Loopback, IPAddress.Loopback], family);
        if (known.Length > 0)
            return Later(known, callback, null);

        var system = _system.Current;
        var names = SearchNames(name, system);
        if (names.Count == 0)
            return Later([], callback, $"{name} is not a domain name");
        var lookup = new DnsLookup(_loop, Servers(system), names, family, _stats, result => callback(Routable(result)));
        // Posted because a query may fail at once, and the caller must not be called back from within its own call.
        _loop.Post(lookup.Start);
        return lookup;
    }

    private static bool IsLocalhost(string name)
    {
        var plain = name.AsSpan().TrimEnd('.');
        return plain.Equals("localhost", StringComparison.OrdinalIgnoreCase) || plain.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    private PostedResult Later(IPAddress[] addresses, Action<DnsResult> callback, string? error)
    {
        var posted = new PostedResult(callback, new DnsResult(true, addresses, 0, addresses.Length == 0 ? error : null));
        _loop.Post(posted.Run);
        return posted;
    }

    /// <summary>Those of the family, as a look-up of A and AAAA records would have given them.</summary>
    private static IPAddress[] Filter(IReadOnlyList<IPAddress> addresses, DnsLookupFamily family)
    {
        var v4 = addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork).ToArray();
        var v6 = addresses.Where(address => address.AddressFamily == AddressFamily.InterNetworkV6).ToArray();
        return family switch
        {
            DnsLookupFamily.V4Only => v4,
            DnsLookupFamily.V6Only => v6,
            DnsLookupFamily.V4Preferred => v4.Length > 0 ? v4 : v6,
            DnsLookupFamily.All => [.. v4, .. v6],
            _ => v6.Length > 0 ? v6 : v4,
        };
    }

    /// <summary>The names to ask for, in order (resolv.conf(5), search and ndots).</summary>
    private List<DnsName> SearchNames(string name, ResolvConf system)
    {
        var names = new List<DnsName>();
        if (!DnsName.TryParse(name, out var asIs))
            return names;
        var isAbsolute = name.EndsWith('.') || _config.NoDefaultSearchDomain;
        var dots = name.AsSpan().Count('.');
        if (!isAbsolute)
        {
            foreach (var domain in system.Search)
            {
                if (DnsName.TryParse(domain == "." ? name : $"{name}.{domain}", out var candidate))
                    names.Add(candidate);
            }
        }
        names.Insert(dots >= system.Ndots ? 0 : names.Count, asIs);
        return names;
    }

    private DnsServers Servers(ResolvConf system)
    {
        var useConfigured = _config.Resolvers.Count > 0 && (!_config.UseResolversAsFallback || system.HasOnlyDefaultNameserver);
        var addresses = useConfigured
            ? _config.Resolvers
            : system.Nameservers.Select(address => NetAddress.FromIP(address, DnsResolverConfig.Port)).ToArray();
        var first = system.Rotate ? (int)(_lookups++ % (uint)addresses.Count) : 0;
        return new DnsServers(addresses, first, system.TimeoutMs, system.Attempts, _config.UseTcp);
    }

    private DnsResult Routable(DnsResult result)
    {
        if (!_config.FilterUnroutableFamilies || result.Addresses.Count == 0)
            return result;
        var routable = result.Addresses.Where(RoutableFamilies.Now().Contains).ToArray();
        return result with { Addresses = routable, Error = routable.Length == 0 ? "no interface has an address of the family found" : null };
    }

    /// <summary>A result that is known at once, handed over in the loop's next turn.</summary>
    private sealed class PostedResult(Action<DnsResult> callback, DnsResult result) : IDisposable
    {
        private bool _isCancelled;

        public void Run()
        {
            if (!_isCancelled)
                callback(result);
        }

        public void Dispose() => _isCancelled = true;
    }
}
