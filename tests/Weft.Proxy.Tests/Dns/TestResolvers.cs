using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Dns;

/// <summary>Resolvers on a loop that the test turns, with a hosts file and a resolv.conf of their own.</summary>
internal sealed class TestResolvers : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-dns-").FullName;

    public TestLoop Test { get; } = new();

    public StatsStore Stats { get; } = new();

    public void Dispose()
    {
        Test.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Writes <c>hosts</c> or <c>resolv.conf</c>.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <param name="servers">In the order in which they are asked.</param>
    /// <param name="with">More settings.</param>
    public DnsResolver Create(IEnumerable<ScriptedDnsServer> servers, string resolvConf = "", string hosts = "", Func<DnsResolverConfig, DnsResolverConfig>? with = null)
    {
        var config = new DnsResolverConfig
        {
            Resolvers = [.. servers.Select(server => server.Address)],
            HostsPath = Write("hosts", hosts),
            ResolvConfPath = Write("resolv.conf", resolvConf),
        };
        return new DnsResolver(Test.Loop, with?.Invoke(config) ?? config, Stats);
    }

    /// <summary>Looks a name up and waits for the result.</summary>
    public DnsResult Resolve(DnsResolver resolver, string name, DnsLookupFamily family = DnsLookupFamily.V4Only)
    {
        DnsResult? result = null;
        resolver.Resolve(name, family, found => result = found);
        Assert.Null(result);
        Test.Until(() => result is not null);
        return result!;
    }

    public static string[] Texts(DnsResult result) => [.. result.Addresses.Select(address => address.ToString())];
}
