using Weft.Http;
using Weft.Http.Http2;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Streams;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <content>The response's way back: filters in reverse, the connection manager's header rules, the encoder.</content>
internal sealed partial class HttpStream
{
    private HeaderMap? _responseTrailers;
    private bool _responseStarted;
    private bool _responseComplete;
    private bool _localReply;
    private bool _downstreamBackedUp;
    private int _responsePauses;

    /// <summary>Counts the responses that were begun here, so that whoever writes one notices that another has taken its place.</summary>
    private int _replies;

    public HeaderMap LocalReplyHeaders { get; } = new();

    public bool IsResponseBackedUp => _responsePauses > 0;

    public void EncodeInformational(HeaderMap headers)
    {
        if (_finished || _responseStarted || !Config.ForwardsInformational(Info.Protocol))
            return;
        ChargeResponse(headers.Status);
        _encoder.EncodeInformational(headers);
    }

    // What a local reply has taken the place of goes no further.
    public void EncodeHeaders(HeaderMap headers, bool endStream)
    {
        if (!IsOver(isRequest: true))
            PassResponse(headers, endStream);
    }

    public void EncodeData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (!IsOver(isRequest: true))
            PassResponseData(data, endStream);
    }

    public void EncodeTrailers(HeaderMap trailers)
    {
        if (IsOver(isRequest: true))
            return;
        _responseTrailers = trailers;
        _filters.Response.Trailers(trailers);
    }

    public void EncodeMetadata(ReadOnlySpan<byte> block)
    {
        if (!_finished)
            _encoder.EncodeMetadata(block);
    }

    void IHttpStream.ContinueResponse(HttpFilter filter) => _filters.Response.Continue(filter);

    public void SendLocalReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags = ResponseFlags.None)
    {
        if (_finished)
            return;
        if (_responseStarted)
        {
            ResetStream(details, flags);
            return;
        }

        // Filters that another response has begun to pass must not meet a second one.
        var isDirect = ResponseHeaders is not null;
        _localReply = true;
        var reply = ++_replies;
        _filters.Response.Reset();
        Info.ResponseFlags |= flags;
        Info.ResponseCodeDetails = details;
        Info.ResponseCode = status;
        NoteCluster();
        Config.LocalReplies.Write(status, body, FormatContext, LocalReplyHeaders, _worker.LocalReplyBody, out var finalBody);
        var bodyFollows = finalBody.Length > 0 && !IsHeadRequest;
        if (isDirect)
            SendDirect(!bodyFollows, finalBody);
        else
            PassResponse(LocalReplyHeaders, !bodyFollows);
        if (bodyFollows && !isDirect && reply == _replies && !_finished)
            PassResponseData(finalBody, endStream: true);
    }

    private void SendDirect(bool headersOnly, ReadOnlySpan<byte> body)
    {
        ResponseHeaders = LocalReplyHeaders;
        OnHeadPassed(isRequest: false, LocalReplyHeaders, headersOnly);
        if (!headersOnly && !_finished)
            OnDataPassed(isRequest: false, body, endStream: true);
    }

    private void PassResponse(HeaderMap headers, bool endStream)
    {
        ResponseHeaders = headers;
        Info.ResponseCode = headers.Status;
        _timers.Touch();
        _filters.Response.Head(headers, endStream);
    }

    private void PassResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        _timers.Touch();
        _filters.Response.Data(data, endStream);
    }

    public void ResetStream(string details, ResponseFlags flags)
    {
        if (_finished)
            return;
        Info.ResponseFlags |= flags;
        Info.ResponseCodeDetails = details;
        Config.Stats.DownstreamRqTxReset.Inc();
        MustClose = true;
        var encoder = _encoder;
        var code = ResetCode();
        Finish();
        encoder.Reset(code);
    }

    /// <summary>What an HTTP/2 client is told: that of a CONNECT is the TCP connection's end (RFC 9113 section 8.5).</summary>
    private Http2ErrorCode ResetCode()
    {
        const ResponseFlags ConnectionLost = ResponseFlags.UpstreamConnectionFailure | ResponseFlags.UpstreamConnectionTermination;
        if ((Info.ResponseFlags & ConnectionLost) != 0 && (TunnelAnswer.IsConnect(RequestHeaders) || _isUpgraded))
            return Http2ErrorCode.ConnectError;
        return (Info.ResponseFlags & ResponseFlags.UpstreamProtocolError) != 0 ? Http2ErrorCode.ProtocolError : Http2ErrorCode.InternalError;
    }

    void IHttpStream.InjectResponseData(HttpFilter filter, ReadOnlySpan<byte> data, bool endStream)
    {
        if (_finished)
            return;
        _timers.Touch();
        _filters.Response.Inject(filter, data, endStream);
    }

    void IHttpStream.InjectResponseTrailers(HttpFilter filter, HeaderMap trailers)
    {
        if (_finished)
            return;
        _responseTrailers = trailers;
        _filters.Response.InjectTrailers(filter, trailers);
    }

    internal void OnResponseBackedUp()
    {
        if (_downstreamBackedUp)
            return;
        _downstreamBackedUp = true;
        PauseResponse();
    }

    internal void OnResponseDrained()
    {
        if (!_downstreamBackedUp)
            return;
        _downstreamBackedUp = false;
        ResumeResponse();
    }

    public void PauseResponse()
    {
        if (_responsePauses++ == 0)
            _filters.Last.OnResponseBackedUp();
    }

    public void ResumeResponse()
    {
        if (_responsePauses > 0 && --_responsePauses == 0)
            _filters.Last.OnResponseDrained();
    }

    /// <summary>The path's end: the request's last filter has consumed it; the response goes to the codec.</summary>
    internal void OnHeadPassed(bool isRequest, HeaderMap head, bool endStream)
    {
        if (isRequest)
            return;
        _responseStarted = true;
        // A filter may have changed it.
        Info.ResponseCode = head.Status;

        // HTTP/1 cannot skip the rest of a request that nobody reads: the connection ends with this response.
        if (!_requestComplete && !IsTunnel)
        {
            Config.Stats.DownstreamRqResponseBeforeRqComplete.Inc();
            MustClose |= !_encoder.IsMultiplexed;
        }

        if (IsTunnel && !TunnelAnswer.IsAgreement(RequestHeaders, head.Status))
        {
            IsTunnel = false;
            MustClose = true;
        }
        else if (IsTunnel)
        {
            // RFC 9110 section 8.6: there is nothing that it could be the length of.
            head.Remove(KnownHeader.ContentLength);
        }

        _manager.OnResponseHead(MustClose && !_encoder.IsMultiplexed);
        Config.ResponseRules.Apply(head, RequestHeaders, Info, Worker.Loop.UtcNow);
        Trace?.OnResponseHead(head, Info, _route);
        ChargeResponse(head.Status);
        Info.FirstDownstreamTxByteUs = Worker.Loop.NowUs;
        Info.HeaderBytesSent = head.ByteSize;
        _encoder.EncodeHeaders(head, endStream);
        if (IsTunnel && Config.AccessLogTimes.OnTunnel)
            WriteInterimLogs(AccessLogType.DownstreamTunnelSuccessfullyEstablished);

        // After an opaque stream there is no next request.
        MustClose |= IsTunnel;
        if (endStream)
            OnResponseComplete();
    }

    private void ChargeResponse(int status)
    {
        if (!Info.IsHealthCheck)
            Config.Stats.ChargeResponse(status);
    }

    internal void OnDataPassed(bool isRequest, ReadOnlySpan<byte> data, bool endStream)
    {
        if (isRequest)
            return;
        Info.BytesSent += data.Length;
        _encoder.EncodeData(data, endStream);
        if (endStream)
            OnResponseComplete();
    }

    internal void OnTrailersPassed(bool isRequest, HeaderMap trailers)
    {
        if (isRequest)
            return;
        _encoder.EncodeTrailers(trailers);
        OnResponseComplete();
    }

    /// <summary>More waits behind a filter than the buffer limit allows.</summary>
    internal void OnBufferLimitExceeded(bool isRequest)
    {
        if (isRequest)
        {
            Config.Stats.DownstreamRqTooLarge.Inc();
            SendLocalReply(413, "Payload Too Large"u8, "request_payload_too_large");
        }
        else
        {
            Config.Stats.RsTooLarge.Inc();
            SendLocalReply(500, "Internal Server Error"u8, "response_payload_too_large");
        }
    }

    private void OnResponseComplete()
    {
        _responseComplete = true;
        Info.LastDownstreamTxByteUs = Worker.Loop.NowUs;
        FinishIfDone();
    }
}
