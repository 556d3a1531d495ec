using System.Globalization;
using System.Net.Sockets;

namespace Weft.Net;

/// <summary>
/// A short text that every process of this machine can read as long as this one lives: the name of a socket that nobody can connect to. It leaves nothing
/// behind, whichever way the process ends, and is seen within the network namespace only, as are the addresses in it. Whoever runs a process here can announce
/// anything: what is read is a hint where to ask. Any thread.
/// </summary>
public sealed class LocalAnnouncement : IDisposable
{
    /// <summary>The topic of admin addresses of proxies.</summary>
    public const string ProxyAdmin = "weft-proxy-admin";

    private const string Table = "/proc/net/unix";

    private readonly Socket _socket;

    private LocalAnnouncement(Socket socket) => _socket = socket;

    /// <summary>Announces; null where that is not possible: nobody depends on it.</summary>
    /// <param name="topic">What it is about, without a slash.</param>
    /// <param name="text">At most 60 characters or so; without space.</param>
    public static LocalAnnouncement? Make(string topic, string text)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            // The process id makes it differ from what another process says in the same words.
            socket.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0{topic}/{Environment.ProcessId}/{text}")));
            return new LocalAnnouncement(socket);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket?.Dispose();
            return null;
        }
    }

    /// <summary>What is announced now; nothing where that cannot be told.</summary>
    public static IReadOnlyList<string> Read(string topic)
    {
        var texts = new List<string>();
        var prefix = $" @{topic}/";
        try
        {
            foreach (var line in File.ReadLines(Table))
            {
                var at = line.IndexOf(prefix, StringComparison.Ordinal);
                var slash = at < 0 ? -1 : line.IndexOf('/', at + prefix.Length);
                if (slash > 0 && slash + 1 < line.Length)
                    texts.Add(line[(slash + 1)..]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return texts;
    }

    public void Dispose() => _socket.Dispose();
}
