using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>One host of a <see cref="TestNetwork"/>: programs started on it see its addresses, its <c>/etc/hosts</c> and its <c>/etc/resolv.conf</c>.</summary>
internal sealed class NetworkHost : IDisposable
{
    private static readonly string CurlLimit = Patience.Limit.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    private readonly List<IDisposable> _servers = [];
    private readonly string _etc;

    public NetworkHost(string name, string networkNamespace, string[] addresses)
    {
        (Name, Namespace, Addresses) = (name, networkNamespace, addresses);
        // `ip netns exec` puts the files of this folder over those of /etc.
        _etc = "/etc/netns/" + networkNamespace;
        Directory.CreateDirectory(_etc);
        SetNames();
        SetNameServer("127.0.0.1");
    }

    public string Name { get; }

    public string Namespace { get; }

    public string[] Addresses { get; }

    public string Address => Addresses[0];

    /// <summary>Writes the host's <c>/etc/hosts</c>. A program that runs keeps the file it was started with.</summary>
    public void SetNames(params string[] lines) => File.WriteAllLines(Path.Combine(_etc, "hosts"), ["127.0.0.1 localhost", "::1 localhost", .. lines]);

    public void SetNameServer(string address) => File.WriteAllText(Path.Combine(_etc, "resolv.conf"), $"nameserver {address}\n");

    /// <summary>How to start a program on this host.</summary>
    public ProcessStartInfo Command(string program, params IEnumerable<string> arguments) =>
        new(Shell.PathOf("ip"), ["netns", "exec", Namespace, program, .. arguments]);

    /// <summary>
    /// The same where a folder stands as <c>/etc/NAME</c>: in a copy of <c>/etc</c> that only the program sees, in the mount namespace which
    /// <c>ip netns exec</c> makes for it.
    /// </summary>
    /// <param name="directory">Of the test; the copy is its folder <c>etc</c>.</param>
    /// <param name="name">A folder of the directory, which moves to <c>etc/NAME</c> there: what changes there the program sees in its <c>/etc/NAME</c>.</param>
    public ProcessStartInfo CommandWithEtc(string directory, string name, string program, params IEnumerable<string> arguments) => Command(
        Shell.PathOf("sh"),
        ["-ec", "cd \"$0\"; mkdir etc; cp -a /etc/. etc; rm -rf \"etc/$1\"; mv \"$1\" etc; mount --bind etc /etc; shift; exec \"$@\"", directory, name, program, .. arguments]);

    /// <summary>Runs curl and gives what it printed; fails when it fails.</summary>
    public async Task<string> Curl(params string[] arguments)
    {
        var (code, output, error) = await Shell.RunAsync("ip", ["netns", "exec", Namespace, Shell.PathOf("curl"), "-sS", "--max-time", CurlLimit, "--noproxy", "*", .. arguments]);
        return code == 0 ? output : throw new InvalidOperationException($"curl {string.Join(' ', arguments)} ended with {code}: {error}");
    }

    /// <summary>Runs commands of the system one after the other, such as <c>iptables -t nat ...</c>; fails when one fails.</summary>
    public void Run(params IEnumerable<string> commands)
    {
        foreach (var command in commands)
        {
            var words = command.Split(' ');
            Shell.Run("ip", ["netns", "exec", Namespace, Shell.PathOf(words[0]), .. words[1..]]);
        }
    }

    /// <summary>Connects from here and gives what the other side says until it closes.</summary>
    /// <param name="fromPort">0: any.</param>
    public async Task<string> ReadFrom(string address, int port, int fromPort = 0)
    {
        var to = IPAddress.Parse(address);
        var socket = NetworkNamespace.Run(Namespace, () =>
        {
            var result = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (fromPort > 0)
                result.Bind(new IPEndPoint(to.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, fromPort));
            return result;
        });
        await socket.ConnectAsync(to, port);
        using var peer = new RawPeer(socket);
        return await peer.ReadToEndAsync();
    }

    /// <summary>A listening socket on this host, to be served from within the test.</summary>
    public Socket Listen(int port, string? address = null) => NetworkNamespace.Run(Namespace, () =>
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address ?? Address), port);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(endpoint);
        socket.Listen(512);
        return socket;
    });

    /// <summary>A UDP socket on this host.</summary>
    public UdpClient BindUdp(int port = 0) => NetworkNamespace.Run(Namespace, () => new UdpClient(new IPEndPoint(IPAddress.Parse(Address), port)));

    /// <summary>A client on this host whose connections start here.</summary>
    public HttpClient CreateHttpClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = NetworkNamespace.Run(Namespace, () => new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { Timeout = Patience.Limit };

    /// <summary>Starts a web server that tells who asked and who answers.</summary>
    public WebServer AddWebServer(int port, string version = "v1.0", string? address = null, string? name = null)
    {
        var server = new WebServer(Listen(port, address), name ?? Name, version);
        _servers.Add(server);
        return server;
    }

    /// <summary>Starts a name server with these answers: <c>host-record</c> lines of dnsmasq, <c>name,address</c>.</summary>
    public NameServer AddNameServer(params string[] records)
    {
        var server = new NameServer(this, records);
        _servers.Add(server);
        return server;
    }

    public void Dispose()
    {
        foreach (var server in _servers)
            server.Dispose();
        Directory.Delete(_etc, recursive: true);
    }
}
