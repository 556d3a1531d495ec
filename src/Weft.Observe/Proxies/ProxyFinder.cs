using System.Net;

namespace Weft.Observe.Proxies;

/// <summary>Looks for proxies.</summary>
internal abstract class ProxyFinder
{
    public abstract ProxyOrigin Origin { get; }

    /// <summary>The admin addresses of those that are there now.</summary>
    public IEnumerable<string> Find() => Addresses().Select(Reachable).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>What was found, as it stands there.</summary>
    protected abstract IEnumerable<string> Addresses();

    /// <summary>Whoever listens at all addresses is asked at the loopback; null: it is no IP:PORT.</summary>
    private static string? Reachable(string address)
    {
        if (!IPEndPoint.TryParse(address, out var end) || end.Port == 0)
            return null;
        if (end.Address.Equals(IPAddress.Any))
            end.Address = IPAddress.Loopback;
        else if (end.Address.Equals(IPAddress.IPv6Any))
            end.Address = IPAddress.IPv6Loopback;
        return end.ToString();
    }
}
