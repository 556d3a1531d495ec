using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Dns;
using Xunit.Abstractions;

namespace Weft.Proxy.Tests.Dns;

/// <summary>The resolver against a real server, if Debian's dnsmasq-base is installed.</summary>
public sealed class DnsmasqTests : IDisposable
{
    private const string Program = "/usr/sbin/dnsmasq";

    private readonly ITestOutputHelper _output;
    // With the system's clock: a question that the server misses (it may still be starting) is asked again.
    private readonly TestLoop _test = new(TimeProvider.System);
    private readonly Process? _server;
    private readonly DnsResolver _resolver;

    public DnsmasqTests(ITestOutputHelper output)
    {
        _output = output;
        (_server, var port) = Start();
        var config = new DnsResolverConfig
        {
            Resolvers = [NetAddress.FromIP(IPAddress.Loopback, port)],
            HostsPath = "/nonexistent/hosts",
            ResolvConfPath = "/nonexistent/resolv.conf",
        };
        _resolver = new DnsResolver(_test.Loop, config, new StatsStore());
    }

    public void Dispose()
    {
        _server?.Kill();
        _server?.WaitForExit();
        _server?.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void Addresses_aliases_absent_names_and_long_answers_are_understood()
    {
        if (_server is null)
        {
            _output.WriteLine($"skipped: {Program} is missing or does not start (apt-get install dnsmasq-base)");
            return;
        }
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Texts(Resolve("web.test", DnsLookupFamily.V4Only)).Order());
        Assert.Equal(["fd00::1"], Texts(Resolve("web.test", DnsLookupFamily.Auto)));
        Assert.Equal(["10.0.0.1", "10.0.0.2", "fd00::1"], Texts(Resolve("alias.test", DnsLookupFamily.All)).Order());
        Assert.Equal(7u, Resolve("web.test", DnsLookupFamily.V4Only).TtlSeconds);
        var absent = Resolve("absent.test", DnsLookupFamily.Auto);
        Assert.True(absent.Succeeded);
        Assert.Empty(absent.Addresses);
        Assert.Equal(150, Resolve("big.test", DnsLookupFamily.V4Only).Addresses.Count);
    }

    private static string[] Texts(DnsResult result) => [.. result.Addresses.Select(address => address.ToString())];

    private DnsResult Resolve(string name, DnsLookupFamily family)
    {
        DnsResult? result = null;
        _resolver.Resolve(name, family, r => result = r);
        _test.Until(() => result is not null);
        return result!;
    }

    private static int UnusedPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>A server that has bound its port; a port that someone else took meanwhile (TCP, say) costs another try.</summary>
    private static (Process? Server, int Port) Start()
    {
        for (var i = 0; File.Exists(Program) && i < 5; i++)
        {
            var port = UnusedPort();
            var server = Start(port);
            while (server.StandardError.ReadLine() is { } line)
            {
                if (line.Contains("started", StringComparison.Ordinal))
                    return (server, port);
            }

            server.Dispose();
        }

        return (null, 0);
    }

    private static Process Start(int port)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardError = true };
        string[] arguments =
        [
            "--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--pid-file=", $"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces",
            "--no-resolv", "--no-hosts", "--local=/test/", "--local-ttl=7",
            "--host-record=web.test,10.0.0.1,fd00::1", "--host-record=web.test,10.0.0.2", "--cname=alias.test,web.test",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        for (var i = 0; i < 150; i++)
            start.ArgumentList.Add($"--host-record=big.test,10.1.0.{i}");
        return Process.Start(start)!;
    }
}
