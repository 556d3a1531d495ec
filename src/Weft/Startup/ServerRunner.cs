using System.Runtime.InteropServices;
using Weft.Base.Logging;
using Weft.Net;
using Weft.Proxy.Bootstrap;

namespace Weft.Startup;

/// <summary>Runs a server as this process: signals steer it.</summary>
internal static class ServerRunner
{
    private const PosixSignal UserSignal1 = (PosixSignal)10;

    public static int Run(Server server)
    {
        var log = Logger.Get("main");
        using var terminate = Catch(PosixSignal.SIGTERM, () => log.Warning("caught SIGTERM"), server.Stop);
        using var interrupt = Catch(PosixSignal.SIGINT, () => log.Warning("caught SIGINT"), server.Stop);
        using var reopen = Catch(UserSignal1, () => log.Info("caught SIGUSR1. Reopening access logs."), server.ReopenLogs);
        using var hangUp = Catch(PosixSignal.SIGHUP, () => log.Info("caught SIGHUP. Reading the configuration again."), server.Reload);
        server.BecameLive = StartupMemory.Release;
        using var announced = Announce(server.AdminAddress);
        return server.Run();
    }

    /// <summary>For <c>weft observe</c>, which finds the proxies of its machine by it.</summary>
    private static LocalAnnouncement? Announce(NetAddress? admin) =>
        admin is { Kind: NetAddressKind.IPv4 or NetAddressKind.IPv6 } address ? LocalAnnouncement.Make(LocalAnnouncement.ProxyAdmin, address.ToString()) : null;

    private static PosixSignalRegistration Catch(PosixSignal signal, Action say, Action act) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        say();
        act();
    });
}
