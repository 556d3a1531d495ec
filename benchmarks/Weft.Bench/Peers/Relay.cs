using System.Globalization;
using System.Net;
using Weft.Net;

namespace Weft.Bench.Peers;

/// <summary>
/// Weft.Net alone, passing bytes on without looking at them: what the event loop and the kernel cost, the floor under
/// everything that Weft does with a request.
/// </summary>
internal sealed class RelayPeer() : Peer("relay")
{
    public override string? Missing => null;

    public override int? PortOf(Speech speech) => null;

    public override string Version => $"Weft.Net without a codec, .NET {Environment.Version}";

    protected override IReadOnlyList<string> Command(string root, string folder) =>
        ["dotnet", Environment.GetCommandLineArgs()[0], Relay.Verb, .. new[] { Ports.Http, Ports.Backend, Ports.Tcp, Ports.Bulk }.Select(p => p.ToString(CultureInfo.InvariantCulture))];
}

/// <summary>The program that <see cref="RelayPeer"/> starts: a TCP proxy of pairs of ports.</summary>
internal sealed class Relay(EventLoop loop, NetAddress to) : IAcceptHandler
{
    public const string Verb = "relay";

    public static int Run(string[] ports)
    {
        using var loop = new EventLoop("relay");
        for (var i = 0; i + 1 < ports.Length; i += 2)
        {
            var socket = ListenSocket.Bind(Loopback(ports[i]), new ListenOptions());
            socket.Start(loop, new Relay(loop, Loopback(ports[i + 1])));
        }
        loop.Run();
        return 0;
    }

    public IConnectionHandler? OnAccept(Connection connection)
    {
        var downstream = new End(connection);
        var upstream = new End(null);
        upstream.Own = Connection.Connect(loop, to, 5_000, upstream);
        (downstream.Other, upstream.Other) = (upstream.Own, connection);
        return downstream;
    }

    public void OnAcceptError(int errno)
    {
    }

    private static NetAddress Loopback(string port) => NetAddress.FromIP(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));

    private sealed class End(Connection? own) : IConnectionHandler
    {
        public Connection Own = own!;
        public Connection Other = null!;

        public void OnConnected()
        {
        }

        public void OnData(ReadOnlySpan<byte> data) => Other.Write(data);

        public void OnReadEnd() => Other.ShutdownWrite();

        public void OnClosed(CloseReason reason) => Other.Close(reason == CloseReason.Remote ? CloseMode.Flush : CloseMode.Abort);

        public void OnAboveHighWatermark() => Other.PauseReading();

        public void OnBelowLowWatermark() => Other.ResumeReading();
    }
}
