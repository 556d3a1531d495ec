using System.Globalization;
using System.Net.Sockets;
using Weft.Base.Logging;
using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.Listeners;

namespace Weft.Proxy.Bootstrap.HotRestart;

/// <summary>The process that this one takes over from, as seen from here. Main thread.</summary>
internal sealed class HotRestartParent : IDisposable
{
    private static readonly Logger Log = Logger.Get("main");

    private readonly HotRestartChannel _channel;
    private Thread? _listening;

    private HotRestartParent(HotRestartChannel channel, uint epoch, long firstStartSeconds)
    {
        (_channel, Epoch) = (channel, epoch);
        FirstStartedAt = DateTimeOffset.FromUnixTimeSeconds(firstStartSeconds);
    }

    /// <summary>Its restart epoch; ours is the next.</summary>
    public uint Epoch { get; }

    /// <summary>When the first process of this base id began.</summary>
    public DateTimeOffset FirstStartedAt { get; }

    /// <summary>Finds the process that runs with the same base id; null when there is none.</summary>
    /// <param name="options">Base id and socket path.</param>
    /// <param name="fault">Why there is one that cannot be taken over from; null otherwise.</param>
    public static HotRestartParent? Find(ServerOptions options, out string? fault)
    {
        fault = null;
        var socket = HotRestartChannel.NewSocket();
        var channel = new HotRestartChannel(socket);
        try
        {
            socket.Connect(HotRestartChannel.NameOf(options));
            channel.LimitTime();
            channel.Send(new HotRestartMessage(HotRestartChannel.TakeOver, HotRestartChannel.Version));
            var answer = channel.Receive();
            if (answer is { Verb: HotRestartChannel.Ok } ok && ok.Text.Split(' ') is [var number, var seconds]
                && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
                && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var firstStart))
                return new HotRestartParent(channel, epoch, firstStart);
            fault = answer is null ? "it closed the connection" : answer.Value.Text;
        }
        catch (SocketException)
        {
            // Nobody waits there.
        }
        catch (NetException e)
        {
            fault = e.Message;
        }

        channel.Dispose();
        return null;
    }

    /// <summary>Its listening sockets, which both processes then have open.</summary>
    public InheritedSockets TakeSockets()
    {
        var sockets = new InheritedSockets();
        try
        {
            _channel.Send(new HotRestartMessage(HotRestartChannel.Sockets));
            while (_channel.Receive() is { Verb: not HotRestartChannel.End } message)
            {
                if (message.Descriptor < 0)
                    continue;
                if (message.Text.StartsWith(HotRestartChannel.Udp, StringComparison.Ordinal))
                    sockets.Add(message.Text[HotRestartChannel.Udp.Length..], UdpListenSocket.FromDescriptor(message.Descriptor));
                else
                    sockets.Add(message.Text, ListenSocket.FromDescriptor(message.Descriptor));
            }
        }
        catch (NetException e)
        {
            Log.Warning($"hot restart: the parent's listening sockets could not be taken over: {e.Message}");
        }

        return sockets;
    }

    /// <summary>This process accepts connections: the parent stops doing so and drains.</summary>
    public void Drain() => Ask(HotRestartChannel.Drain);

    /// <summary>The time for draining is over (--parent-shutdown-time-s).</summary>
    public void Terminate()
    {
        try
        {
            _channel.Send(new HotRestartMessage(HotRestartChannel.Terminate));
        }
        catch (Exception e) when (e is NetException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <summary>Hears what it tells while it drains, on a thread of its own.</summary>
    /// <param name="onMessage">Gets statistics and numbers of connections. That thread.</param>
    /// <param name="onGone">It has ended. That thread.</param>
    public void Listen(Action<HotRestartMessage> onMessage, Action onGone)
    {
        _channel.Listen();
        _listening = new Thread(() => Hear(onMessage, onGone)) { Name = "hot_restart_parent", IsBackground = true };
        _listening.Start();
    }

    public void Dispose()
    {
        if (_listening is null)
            _channel.Dispose();
        else
            _channel.Shutdown();
    }

    private void Hear(Action<HotRestartMessage> onMessage, Action onGone)
    {
        try
        {
            while (_channel.Receive() is { } message)
                onMessage(message);
        }
        catch (NetException e)
        {
            Log.Debug($"hot restart: {e.Message}");
        }

        onGone();
        _channel.Dispose();
    }

    private void Ask(string verb)
    {
        try
        {
            _channel.Send(new HotRestartMessage(verb));
            _channel.Receive();
        }
        catch (NetException)
        {
            // It has ended already.
        }
    }
}
