using System.Net;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Clusters.DiscoveryTypes;

/// <summary>Keeps look-ups until the test answers them.</summary>
internal sealed class FakeDnsResolver : IDnsResolver
{
    public List<Pending> Asked { get; } = [];

    /// <summary>Look-ups that wait for an answer.</summary>
    public IEnumerable<Pending> Waiting => Asked.Where(p => !p.IsOver);

    public IDisposable Resolve(string name, DnsLookupFamily family, Action<DnsResult> callback)
    {
        var pending = new Pending(name, family, callback);
        Asked.Add(pending);
        return pending;
    }

    public void Answer(string name, params string[] addresses) => Answer(name, 0u, addresses);

    public void Answer(string name, uint ttl, params string[] addresses) =>
        Waiting.First(p => p.Name == name).Finish(new DnsResult(true, [.. addresses.Select(IPAddress.Parse)], ttl, addresses.Length == 0 ? "no records" : null));

    public void Fail(string name) => Waiting.First(p => p.Name == name).Finish(new DnsResult(false, [], 0, "timed out"));

    public sealed class Pending(string name, DnsLookupFamily family, Action<DnsResult> callback) : IDisposable
    {
        public string Name => name;

        public DnsLookupFamily Family => family;

        public bool IsOver { get; private set; }

        public void Finish(DnsResult result)
        {
            IsOver = true;
            callback(result);
        }

        public void Dispose() => IsOver = true;
    }
}
