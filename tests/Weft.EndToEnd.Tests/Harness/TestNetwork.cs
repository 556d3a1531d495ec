using System.Globalization;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>
/// Hosts with addresses and names of their own on one switch. Each host is a network namespace; the switch is a bridge in one more, so that
/// nothing of it is seen outside and several networks with the same addresses exist side by side.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    private static int _count;

    private readonly string _id = string.Create(CultureInfo.InvariantCulture, $"weft-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
    private readonly List<NetworkHost> _hosts = [];

    public TestNetwork()
    {
        Ip($"netns add {Switch}");
        try
        {
            Ip("link add switch type bridge\nlink set switch up", Switch);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private string Switch => _id + "-switch";

    /// <summary>Adds a host. Its processes know the names of <see cref="NetworkHost.Names"/> and ask the name server there.</summary>
    /// <param name="name">Up to 15 characters.</param>
    /// <param name="addresses">IPv4 in a /16 or IPv6 in a /64.</param>
    public NetworkHost AddHost(string name, params string[] addresses)
    {
        var host = new NetworkHost(name, $"{_id}-{name}", addresses);
        _hosts.Add(host);
        Ip($"netns add {host.Namespace}\nlink add {name} netns {Switch} type veth peer name eth0 netns {host.Namespace}");
        Ip($"link set {name} master switch\nlink set {name} up", Switch);
        var assigned = addresses.Select(address => address.Contains(':', StringComparison.Ordinal) ? $"addr add {address}/64 dev eth0 nodad" : $"addr add {address}/16 dev eth0");
        Ip(string.Join('\n', assigned.Append("link set lo up").Append("link set eth0 up")), host.Namespace);
        return host;
    }

    public void Dispose()
    {
        foreach (var host in _hosts)
            host.Dispose();
        foreach (var name in _hosts.Select(host => host.Namespace).Append(Switch).Where(name => File.Exists("/run/netns/" + name)))
            Ip($"netns del {name}");
    }

    private static void Ip(string commands, string? inside = null)
    {
        string[] where = inside is null ? [] : ["-n", inside];
        Shell.Run("ip", [.. where, "-batch", "-"], commands + "\n");
    }
}
