using System.Buffers.Binary;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>
/// A gRPC stream on which the proxy only sends, through a cluster; begun again by the next message after it has ended, and before that as often as
/// the target's retries say where no connection can be made. What the receiver does not take is not kept. One worker.
/// </summary>
internal sealed class GrpcSendStream : IUpstreamHandler
{
    private const int GrpcPrefixBytes = 5;

    private readonly CollectorTarget _target;
    private readonly Worker _worker;
    private readonly PendingRequest _pending;
    private readonly StreamInfo _info = new();
    private readonly HeaderMap _headers = new();
    private readonly HeaderMap _response = new();
    private readonly ByteWriter _waiting = new(0);
    private readonly LoopTimer _retry;
    private RetryBackOff _backOff;
    private uint _retries;
    private UpstreamStream? _stream;
    private long _waitingCount;
    private bool _isBackedUp;

    public GrpcSendStream(CollectorTarget target, Worker worker)
    {
        (_target, _worker) = (target, worker);
        _pending = new PendingRequest(this);
        _retry = new LoopTimer(worker.Loop, Retry);
    }

    /// <summary>What may wait for a connection, or for a receiver that does not read.</summary>
    public int MaxWaitingBytes { get; init; } = 1024 * 1024;

    /// <summary>Hears how many things were sent that had to wait, or not.</summary>
    public Action<long>? OnSent { get; init; }

    /// <summary>Hears how many things were lost with the connection that they waited for.</summary>
    public Action<long>? OnLost { get; init; }

    /// <summary>Hears that the stream has a connection; possibly from within <see cref="TrySend"/> or <see cref="TryOpen"/>.</summary>
    public Action? OnOpened { get; init; }

    /// <summary>Hears that the stream has ended, or could not be begun; likewise.</summary>
    public Action? OnEnded { get; init; }

    /// <summary>The next message goes on a stream that has begun; otherwise it is the first of a new one.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>What is sent now need not wait for a connection.</summary>
    public bool IsOpen => _stream is not null;

    /// <summary>Begins the stream without a message, unless it has begun; false when there is nobody to send to.</summary>
    public bool TryOpen() => IsBegun || TryBegin();

    /// <summary>
    /// Sends a message, which may begin the stream; false when it is lost at once: there is nobody to send it to, or the receiver does not read. What
    /// becomes of one that is taken, <see cref="OnSent"/> and <see cref="OnLost"/> hear.
    /// </summary>
    /// <param name="message">One message.</param>
    /// <param name="count">How many things it holds.</param>
    public bool TrySend(ReadOnlySpan<byte> message, long count = 1)
    {
        if (_waiting.Length > MaxWaitingBytes || !TryOpen())
            return false;
        var framed = _waiting;
        var prefix = framed.GetSpan(GrpcPrefixBytes);
        prefix[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)message.Length);
        framed.Advance(GrpcPrefixBytes);
        framed.Write(message);
        _waitingCount += count;
        SendWaiting();
        return true;
    }

    void IUpstreamHandler.OnPoolReady(UpstreamStream stream)
    {
        _stream = stream;
        _retries = 0;
        stream.EncodeHeaders(_headers, endStream: false, tunnel: false);
        SendWaiting();
        OnOpened?.Invoke();
    }

    void IUpstreamHandler.OnPoolFailure(ResetReason reason, string? transportFailure)
    {
        if (_target.Retries is not { } retries || !retries.Allow(reason, _retries))
        {
            End();
            return;
        }

        if (_retries++ == 0)
            _backOff = retries.NewBackOff();
        _retry.Arm(_backOff.NextMs(_worker.Random));
    }

    HeaderMap IUpstreamHandler.OnResponseBegin()
    {
        _response.Clear();
        return _response;
    }

    void IUpstreamHandler.OnInformational(HeaderMap headers)
    {
    }

    void IUpstreamHandler.OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (endStream)
            End();
    }

    void IUpstreamHandler.OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (endStream)
            End();
    }

    void IUpstreamHandler.OnResponseTrailers(HeaderMap trailers) => End();

    void IUpstreamHandler.OnReset(ResetReason reason, CodecError? error) => End();

    void IUpstreamHandler.OnRequestBackedUp() => _isBackedUp = true;

    void IUpstreamHandler.OnRequestDrained()
    {
        _isBackedUp = false;
        SendWaiting();
    }

    private bool TryBegin()
    {
        if (_worker.Clusters.Find(_target.Cluster) is not { } cluster)
            return false;
        _headers.Clear();
        _headers.Set(KnownHeader.Method, "POST"u8);
        _headers.Set(KnownHeader.Path, _target.Path);
        _headers.Set(KnownHeader.Authority, _target.Host);
        _headers.Set(KnownHeader.Scheme, "http"u8);
        _headers.Set(KnownHeader.Te, "trailers"u8);
        _headers.Set(KnownHeader.ContentType, _target.ContentType);
        _headers.Set(KnownHeader.XEnvoyInternal, "true"u8);
        foreach (var (name, value) in _target.Headers)
            _headers.Set(name, value);
        if (cluster.Pick(new LoadBalancerContext(_info, _headers)) is not { } endpoint)
        {
            cluster.Config.Stats.UpstreamCxNoneHealthy.Inc();
            return false;
        }

        // The pool may fail within the call.
        IsBegun = true;
        cluster.NewFilteredStream(endpoint, _pending, _headers);
        return IsBegun;
    }

    private void Retry()
    {
        if (!TryBegin())
            End();
        else if (_worker.Clusters.Find(_target.Cluster) is { } cluster)
            cluster.Config.Stats.UpstreamRqRetry.Inc();
    }

    private void SendWaiting()
    {
        if (_stream is not { } stream || _isBackedUp || _waiting.Length == 0)
            return;
        var count = _waitingCount;
        _waitingCount = 0;
        stream.EncodeData(_waiting.Written, endStream: false);
        _waiting.Clear();
        OnSent?.Invoke(count);
    }

    private void End()
    {
        _stream = null;
        IsBegun = _isBackedUp = false;
        _retries = 0;
        _waiting.Clear();
        var count = _waitingCount;
        _waitingCount = 0;
        if (count > 0)
            OnLost?.Invoke(count);
        OnEnded?.Invoke();
    }
}
