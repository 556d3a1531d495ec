using System.Net.Sockets;
using System.Text;
using Weft.Net;

namespace Weft.Proxy.Bootstrap.HotRestart;

/// <summary>One message between a process and its successor.</summary>
/// <param name="Verb">What is asked or said; see <see cref="HotRestartChannel"/>.</param>
/// <param name="Text">What belongs to it; may be empty.</param>
/// <param name="Descriptor">A descriptor that came with it; -1: none.</param>
internal readonly record struct HotRestartMessage(string Verb, string Text = "", int Descriptor = -1);

/// <summary>
/// The line between a process and its successor, on one machine and as one user: a Unix socket that keeps messages apart. The successor
/// asks, in this order: takeover (version), sockets, drain, terminate; behind drain the process also tells what it still counts, unasked. Blocking,
/// with a time limit; one thread at a time may send, one receive.
/// </summary>
internal sealed class HotRestartChannel(Socket socket) : IDisposable
{
    /// <summary>Processes of different versions do not take over from each other.</summary>
    public const string Version = "weft.2";

    public const string TakeOver = "takeover";
    public const string Sockets = "sockets";
    public const string Drain = "drain";
    public const string Terminate = "terminate";

    /// <summary>Lines of what has changed: see <see cref="StatsReport"/>.</summary>
    public const string Stats = "stats";

    /// <summary>How many connections are open.</summary>
    public const string Connections = "connections";
    public const string Ok = "ok";
    public const string Refused = "refused";
    public const string End = "end";

    /// <summary>What a message may say.</summary>
    public const int MaxTextBytes = MaxMessageBytes - 32;

    /// <summary>Before the address of a socket of datagrams.</summary>
    public const string Udp = "udp:";

    private const int MaxMessageBytes = 4096;
    private const int TimeoutMs = 5_000;
    private const int SendTimeoutMs = 1_000;

    private readonly byte[] _buffer = new byte[MaxMessageBytes];

    /// <summary>Where the process of a base id waits for its successor. A path that begins with @ is a name in the kernel, which goes with the process.</summary>
    public static UnixDomainSocketEndPoint NameOf(ServerOptions options)
    {
        var name = $"{options.SocketPath}_{options.BaseId}";
        return new UnixDomainSocketEndPoint(name.StartsWith('@') ? '\0' + name[1..] : name);
    }

    public static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    /// <summary>Limits how long an answer may take; a process that waits for questions has no limit.</summary>
    public void LimitTime() => socket.ReceiveTimeout = TimeoutMs;

    /// <summary>From now on whatever comes is waited for, and nobody is for long.</summary>
    public void Listen() => (socket.ReceiveTimeout, socket.SendTimeout) = (0, SendTimeoutMs);

    /// <summary>Ends what another thread waits for; both sides hear of it.</summary>
    public void Shutdown()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other side has gone.
        }
    }

    /// <exception cref="NetException">The other side has gone.</exception>
    public void Send(in HotRestartMessage message) =>
        DescriptorPassing.Send(socket, Encoding.UTF8.GetBytes($"{message.Verb} {message.Text}"), message.Descriptor);

    /// <summary>The next message; null when the other side has gone.</summary>
    /// <exception cref="NetException">No answer in time.</exception>
    public HotRestartMessage? Receive()
    {
        var count = DescriptorPassing.Receive(socket, _buffer, out var descriptor);
        if (count == 0)
            return null;
        var words = Encoding.UTF8.GetString(_buffer, 0, count).Split(' ', 2);
        return new HotRestartMessage(words[0], words.Length > 1 ? words[1] : "", descriptor);
    }

    public void Dispose() => socket.Dispose();
}
