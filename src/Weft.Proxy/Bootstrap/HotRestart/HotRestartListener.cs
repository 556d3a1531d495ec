using System.Globalization;
using System.Net.Sockets;
using Weft.Base.Logging;
using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.Listeners;

namespace Weft.Proxy.Bootstrap.HotRestart;

/// <summary>
/// Waits for a process that wants to take over, on a thread of its own, and has the main thread do what it asks. Until it has said that it
/// accepts connections nothing changes here, so a successor that fails to start costs nothing.
/// </summary>
internal sealed class HotRestartListener : IDisposable
{
    private static readonly Logger Log = Logger.Get("main");

    private readonly Socket _socket = HotRestartChannel.NewSocket();
    private readonly IHotRestartOwner _owner;
    private readonly uint _epoch;

    private HotRestartListener(IHotRestartOwner owner, uint epoch) => (_owner, _epoch) = (owner, epoch);

    /// <summary>Begins to wait; null when the name is taken.</summary>
    public static HotRestartListener? TryStart(ServerOptions options, IHotRestartOwner owner)
    {
        var listener = new HotRestartListener(owner, options.RestartEpoch);
        try
        {
            var path = options.SocketPath.StartsWith('@') ? null : $"{options.SocketPath}_{options.BaseId}";
            // A file of a process that is gone would keep the name; nobody answered there before.
            if (path is not null)
                File.Delete(path);
            listener._socket.Bind(HotRestartChannel.NameOf(options));
            if (path is not null && options.SocketMode != 0 && OperatingSystem.IsLinux())
                File.SetUnixFileMode(path, (UnixFileMode)options.SocketMode);
            listener._socket.Listen();
            new Thread(listener.Run) { Name = "hot_restart", IsBackground = true }.Start();
            return listener;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            Log.Warning($"hot restart: cannot wait for a successor with base_id={options.BaseId}: {e.Message} (see --base-id option)");
            listener.Dispose();
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Run()
    {
        try
        {
            for (var isHandedOver = false; !isHandedOver;)
            {
                var channel = new HotRestartChannel(_socket.Accept());
                isHandedOver = Serve(channel);
                // The main thread may be telling statistics.
                if (isHandedOver)
                    _owner.Post(_owner.EndReport);
                else
                    channel.Dispose();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed: the process ends, or a successor has the name now.
        }
    }

    /// <summary>True when the successor has taken over.</summary>
    private bool Serve(HotRestartChannel channel)
    {
        var isHandedOver = false;
        try
        {
            while (channel.Receive() is { } message)
                isHandedOver |= Answer(channel, message);
        }
        catch (NetException e)
        {
            Log.Debug($"hot restart: {e.Message}");
        }

        if (!isHandedOver)
            Log.Info("hot restart: the new process ended before it took over; this one goes on");
        return isHandedOver;
    }

    private bool Answer(HotRestartChannel channel, in HotRestartMessage message)
    {
        switch (message.Verb)
        {
            case HotRestartChannel.TakeOver when message.Text == HotRestartChannel.Version:
                channel.Send(new HotRestartMessage(HotRestartChannel.Ok, string.Create(CultureInfo.InvariantCulture, $"{_epoch} {_owner.FirstStartedAt.ToUnixTimeSeconds()}")));
                return false;
            case HotRestartChannel.TakeOver:
                channel.Send(new HotRestartMessage(HotRestartChannel.Refused, $"it speaks version {HotRestartChannel.Version} of hot restart"));
                return false;
            case HotRestartChannel.Sockets:
                SendSockets(channel);
                return false;
            case HotRestartChannel.Drain:
                // The name is free for the successor's successor.
                _socket.Dispose();
                OnMain(_owner.HandOver);
                channel.Send(new HotRestartMessage(HotRestartChannel.Ok));
                channel.Listen();
                _owner.Post(() => _owner.BeginReport(channel));
                return true;
            case HotRestartChannel.Terminate:
                channel.Send(new HotRestartMessage(HotRestartChannel.Ok));
                OnMain(_owner.EndNow);
                return true;
            default:
                channel.Send(new HotRestartMessage(HotRestartChannel.Refused, $"unknown request {message.Verb}"));
                return false;
        }
    }

    private void SendSockets(HotRestartChannel channel)
    {
        IReadOnlyList<ListenSocket> sockets = [];
        IReadOnlyList<UdpListenSocket> datagrams = [];
        OnMain(() => (sockets, datagrams) = (_owner.ListeningSockets, _owner.DatagramSockets));
        foreach (var socket in sockets)
            channel.Send(new HotRestartMessage(HotRestartChannel.Sockets, InheritedSockets.KeyOf(socket.LocalAddress), socket.Descriptor));
        foreach (var socket in datagrams)
            channel.Send(new HotRestartMessage(HotRestartChannel.Sockets, HotRestartChannel.Udp + InheritedSockets.KeyOf(socket.LocalAddress), socket.Descriptor));
        channel.Send(new HotRestartMessage(HotRestartChannel.End));
    }

    private void OnMain(Action work)
    {
        using var done = new ManualResetEventSlim();
        _owner.Post(() =>
        {
            work();
            done.Set();
        });
        done.Wait(TimeSpan.FromSeconds(5));
    }
}

/// <summary>What a process does for its successor. <see cref="Post"/> and <see cref="FirstStartedAt"/> any thread, the rest main thread.</summary>
internal interface IHotRestartOwner
{
    /// <summary>Every open listening socket, the admin interface's too.</summary>
    IReadOnlyList<ListenSocket> ListeningSockets { get; }

    /// <summary>Every socket that datagrams are received from.</summary>
    IReadOnlyList<UdpListenSocket> DatagramSockets { get; }

    /// <summary>When the first of all its predecessors began, or it.</summary>
    DateTimeOffset FirstStartedAt { get; }

    void Post(Action work);

    /// <summary>Stops accepting and drains; ends when the last connection has ended.</summary>
    void HandOver();

    /// <summary>Tells the successor what is still counted here; the channel belongs to the owner now.</summary>
    void BeginReport(HotRestartChannel successor);

    /// <summary>The successor has gone, or listens no more.</summary>
    void EndReport();

    /// <summary>Ends at once.</summary>
    void EndNow();
}
