using System.Buffers.Text;
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
/// A request of the proxy's own (a tracer, a check) through a cluster: its balancer, pools, circuit breakers and statistics, with a
/// whole body each way. One at a time, then usable again; one thread. Fill <see cref="Headers"/> and <see cref="Body"/>, then <see cref="Send"/>.
/// </summary>
internal sealed partial class ClusterCall : IUpstreamHandler
{
    private static readonly HeaderName s_forwardedFor = new(KnownHeader.XForwardedFor);

    private readonly Worker _worker;
    private readonly IClusterCallHandler _handler;
    private readonly PendingRequest _pending;
    private readonly LoopTimer _timeout;
    private readonly LoopTimer _retry;
    private readonly StreamInfo _info = new();
    private readonly HeaderMap _responseHeaders = new();
    private readonly ByteWriter _responseBody = new(0);
    private UpstreamStream? _stream;
    private WorkerCluster? _cluster;
    private Endpoint? _endpoint;
    private long _startUs;
    private bool _hasResponse;
    private bool _hasRetried;
    private RetryBackOff _backOff;
    private uint _retries;

    public ClusterCall(Worker worker, IClusterCallHandler handler)
    {
        (_worker, _handler) = (worker, handler);
        _pending = new PendingRequest(this);
        _timeout = new LoopTimer(worker.Loop, OnTimeout);
        _retry = new LoopTimer(worker.Loop, Retry);
    }

    /// <summary>The request's head; the caller sets <c>:method</c>, <c>:path</c>, <c>:authority</c> and what else it wants.</summary>
    public HeaderMap Headers { get; } = new();

    /// <summary>The request's body.</summary>
    public ByteWriter Body { get; } = new(0);

    /// <summary>How many things the body holds, for whoever counts them.</summary>
    public int Count { get; set; }

    /// <summary>Bytes of a response body that are kept; what is beyond is dropped. Default 0.</summary>
    public int MaxResponseBytes { get; init; }

    /// <summary>The server is told in x-forwarded-for who calls; default true.</summary>
    public bool SendsForwardedFor { get; set; } = true;

    /// <summary>Between <see cref="Send"/> and the handler's call.</summary>
    public bool IsActive { get; private set; }

    /// <summary>The response's head, during the handler's call; empty after a failure.</summary>
    public HeaderMap ResponseHeaders => _responseHeaders;

    /// <summary>Why there is no response, during the handler's call; null after a response, and when it took too long.</summary>
    public ResetReason? Failure { get; private set; }

    /// <summary>What TLS or the socket said about <see cref="Failure"/>; null: nothing.</summary>
    public string? TransportFailure { get; private set; }

    /// <summary>The call is one of gRPC: its body is one message, framed already, and its outcome stands in <see cref="GrpcStatus"/>.</summary>
    public bool IsGrpc { get; init; }

    /// <summary>How often it is begun again when no connection can be made, within its timeout; null: it is not.</summary>
    public ConnectRetries? Retries { get; init; }

    /// <summary>grpc-status of the response, during the handler's call; -1: there is none.</summary>
    public int GrpcStatus { get; private set; } = -1;

    /// <summary>The response's body, during the handler's call.</summary>
    public ReadOnlySpan<byte> ResponseBody => _responseBody.Written;

    /// <summary>Sends the request; the handler hears of its end, possibly from within this call.</summary>
    /// <param name="timeoutMs">For everything; 0: no limit.</param>
    public void Send(WorkerCluster cluster, long timeoutMs)
    {
        IsActive = true;
        _cluster = cluster;
        _hasRetried = false;
        _retries = 0;
        ForgetResponse();
        _startUs = _worker.Loop.NowUs;
        if (!Headers.Has(KnownHeader.Scheme))
            Headers.Set(KnownHeader.Scheme, "http"u8);
        Headers.Set(KnownHeader.XEnvoyInternal, "true"u8);
        if (IsGrpc)
            Headers.Set(KnownHeader.Te, "trailers"u8);
        else
            Headers.Set(KnownHeader.ContentLength, Body.Length);
        if (timeoutMs > 0)
        {
            Headers.Set(KnownHeader.XEnvoyExpectedRqTimeoutMs, Policy is { PerTryTimeoutMs: > 0 and var tryMs } ? Math.Min(tryMs, timeoutMs) : timeoutMs);
            _timeout.Arm(timeoutMs);
        }

        BeginPolicy(cluster);
        Start();
    }

    /// <summary>Gives it up; the handler hears nothing more.</summary>
    public void Cancel()
    {
        if (!IsActive)
            return;
        Abandon();
        Clear();
    }

    void IUpstreamHandler.OnPoolReady(UpstreamStream stream)
    {
        _stream = stream;
        if (SendsForwardedFor && !Headers.Has(KnownHeader.XForwardedFor))
        {
            Span<byte> text = stackalloc byte[NetAddress.MaxTextBytes];
            Headers.Add(s_forwardedFor, text[..stream.LocalAddress.Format(text, withPort: false)]);
        }

        stream.EncodeHeaders(Headers, endStream: Body.Length == 0, tunnel: false);
        if (Body.Length > 0)
            stream.EncodeData(Body.Written, endStream: true);
    }

    void IUpstreamHandler.OnPoolFailure(ResetReason reason, string? transportFailure)
    {
        if (Retries is not { } retries || !retries.Allow(reason, _retries))
        {
            Fail(reason, transportFailure);
            return;
        }

        if (_retries++ == 0)
            _backOff = retries.NewBackOff();
        _retry.Arm(_backOff.NextMs(_worker.Random));
    }

    HeaderMap IUpstreamHandler.OnResponseBegin()
    {
        _hasResponse = true;
        return _responseHeaders;
    }

    void IUpstreamHandler.OnInformational(HeaderMap headers)
    {
    }

    void IUpstreamHandler.OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        NoteGrpcStatus(headers);
        if (endStream)
            Finish();
    }

    void IUpstreamHandler.OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        var room = MaxResponseBytes - _responseBody.Length;
        _responseBody.Write(data.Length > room ? data[..room] : data);
        if (endStream)
            Finish();
    }

    void IUpstreamHandler.OnResponseTrailers(HeaderMap trailers)
    {
        NoteGrpcStatus(trailers);
        Finish();
    }

    void IUpstreamHandler.OnReset(ResetReason reason, CodecError? error)
    {
        // A kept connection may turn out to be dead (RFC 9112 section 9.3.1).
        var mayRepeat = reason == ResetReason.ConnectionTermination && !_hasResponse && !_hasRetried && _stream!.IsReused;
        _stream = null;
        if (mayRepeat)
        {
            _hasRetried = true;
            Start();
        }
        else
        {
            Fail(reason);
        }
    }

    void IUpstreamHandler.OnRequestBackedUp()
    {
    }

    void IUpstreamHandler.OnRequestDrained()
    {
    }

    private void NoteGrpcStatus(HeaderMap headers)
    {
        if (Utf8Parser.TryParse(headers.Get(KnownHeader.GrpcStatus), out int status, out _))
            GrpcStatus = status;
    }

    private void Retry()
    {
        _cluster!.Config.Stats.UpstreamRqRetry.Inc();
        Start();
    }

    private void Start()
    {
        if (_cluster!.Pick(new LoadBalancerContext(_info, Headers)) is not { } endpoint)
        {
            _cluster.Config.Stats.UpstreamCxNoneHealthy.Inc();
            Fail(ResetReason.NoPool);
            return;
        }

        _endpoint = endpoint;
        _cluster.NewFilteredStream(endpoint, _pending, Headers);
    }

    private void Finish()
    {
        _stream = null;
        var status = _responseHeaders.Status;
        var stats = _endpoint!.Stats;
        (status >= 500 ? stats.RqError : stats.RqSuccess).Inc();
        if (!IsTriedAgain(failure: null, charged: status))
            End(status, charged: status);
    }

    private void Fail(ResetReason reason, string? transportFailure = null)
    {
        _endpoint?.Stats.RqError.Inc();
        if (IsTriedAgain(reason, charged: 503))
            return;
        (Failure, TransportFailure) = (reason, transportFailure);
        _responseHeaders.Clear();
        End(status: 0, charged: 503);
    }

    private void OnTimeout()
    {
        _cluster!.Config.Stats.UpstreamRqTimeout.Inc();
        _endpoint?.Stats.RqTimeout.Inc();
        Abandon();
        _responseHeaders.Clear();
        End(status: 0, charged: 504);
    }

    private void Abandon()
    {
        _retry.Cancel();
        EndPolicy();
        AbandonAttempt();
    }

    private void AbandonAttempt()
    {
        if (_pending.IsWaiting)
            _pending.Cancel();
        var stream = _stream;
        _stream = null;
        stream?.Cancel();
    }

    private void End(int status, int charged)
    {
        Charge(charged);
        _timeout.Cancel();
        EndPolicy();
        IsActive = false;
        _handler.OnCallEnd(this, status);
        if (!IsActive)
            Clear();
    }

    private void Charge(int status) => _cluster!.Config.Stats.ChargeResponse(status, (_worker.Loop.NowUs - _startUs) / 1000, isInternal: true, isCanary: false);

    /// <summary>Ready for another.</summary>
    private void Clear()
    {
        _timeout.Cancel();
        IsActive = false;
        _endpoint = null;
        Headers.Clear();
        Body.Clear();
        ForgetResponse();
    }

    /// <summary>Of the call before, whose handler may have begun the next one.</summary>
    private void ForgetResponse()
    {
        _hasResponse = false;
        GrpcStatus = -1;
        (Failure, TransportFailure) = (null, null);
        _responseHeaders.Clear();
        _responseBody.Clear();
    }
}
