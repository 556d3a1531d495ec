using Weft.Net;

namespace Weft.Observe.Proxies;

/// <summary>Proxies that run on this machine, in the same network namespace, and tell where their admin interface is.</summary>
internal sealed class MachineFinder : ProxyFinder
{
    public override ProxyOrigin Origin => ProxyOrigin.Machine;

    protected override IEnumerable<string> Addresses() => LocalAnnouncement.Read(LocalAnnouncement.ProxyAdmin);
}
