using System.Text;
using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>
/// A gRPC stream to a management server through a cluster, opened again after a moment whenever it is lost, perhaps at the other server where there are
/// two. Main thread.
/// </summary>
internal sealed class ManagementStream : IGrpcStreamHandler, IDisposable
{
    private const int Internal = 13;
    private const int Unavailable = 14;

    private static readonly Logger Log = Logger.Get("config");

    private readonly GrpcSourceConfig _config;
    private readonly Worker _worker;
    private readonly FactoryContext _context;
    private readonly IManagementStreamUser _user;
    private readonly ReconnectDelay _delay;
    private readonly LoopTimer _reconnect;
    private readonly ServerChoice _choice;
    private GrpcStream? _stream;
    private bool _isOver;

    /// <param name="delay">How long to wait before the next attempt.</param>
    public ManagementStream(GrpcSourceConfig config, Worker worker, FactoryContext context, IManagementStreamUser user, ReconnectDelay delay)
    {
        (_config, _worker, _context, _user, _delay) = (config, worker, context, user, delay);
        _reconnect = new LoopTimer(worker.Loop, Connect);
        _choice = new ServerChoice(config.Services.Count);
    }

    /// <summary>Messages can be sent.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Which of the servers is asked: 1, or 2 for the one that stands in for it.</summary>
    public int ServerNumber => _choice.Current + 1;

    /// <summary>Opens the stream, unless it is open, or will be tried.</summary>
    public void Start()
    {
        if (!_isOver && _stream is null && !_reconnect.IsArmed)
            Connect();
    }

    /// <summary>Sends a message; it is lost when there is no stream.</summary>
    public void Send(IMessage message) => _stream?.Send(message);

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        _reconnect.Cancel();
        _stream?.Cancel();
        _stream = null;
        IsOpen = false;
    }

    void IGrpcStreamHandler.OnStreamOpened()
    {
        IsOpen = true;
        _user.OnOpened();
    }

    void IGrpcStreamHandler.OnMessage(ReadOnlySpan<byte> message)
    {
        try
        {
            _user.OnMessage(message);
        }
        catch (InvalidProtocolBufferException e)
        {
            // Passed over, what it said would be missing until it changes again; of another stream the server tells everything.
            _stream?.Cancel();
            Close(Internal, $"a message cannot be read: {e.Message}");
            return;
        }

        _delay.Reset();
        _choice.OnAnswer();
    }

    void IGrpcStreamHandler.OnStreamClosed(int status, string message) => Close(status, message);

    private void Close(int status, string message)
    {
        _stream = null;
        IsOpen = false;
        if (_isOver)
            return;
        var delayMs = _delay.NextMs();
        Log.Warning($"{_config.Name}: stream closed: {status}, {message}; what was accepted stays in use, next attempt in {delayMs} ms");
        _choice.OnLost();
        _reconnect.Arm(delayMs);
        _user.OnLost();
        if (!_choice.IsKnown)
            _user.OnOtherServer();
    }

    private void Connect()
    {
        _user.OnOpening();
        var service = _config.Services[_choice.Current];
        var name = service.EnvoyGrpc.ClusterName;
        var stream = _stream = new GrpcStream(this, GrpcSourceConfig.MaxMessageBytes(service));
        if (_worker.Clusters.Find(_context.Clusters.Get(name)) is not { } cluster)
        {
            Close(Unavailable, $"there is no cluster '{name}'");
            return;
        }

        foreach (var header in service.InitialMetadata)
            stream.Headers.Add(Encoding.ASCII.GetBytes(header.Key.ToLowerInvariant()), Encoding.UTF8.GetBytes(header.Value));
        stream.Start(cluster, service.EnvoyGrpc.Authority.Length > 0 ? service.EnvoyGrpc.Authority : name, _config.Path);
    }
}
