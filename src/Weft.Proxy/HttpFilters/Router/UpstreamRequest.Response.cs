using Weft.Http;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.Router;

/// <content>What comes back on the attempt's connection.</content>
internal sealed partial class UpstreamRequest
{
    HeaderMap IUpstreamHandler.OnResponseBegin()
    {
        _anyResponseByte = true;
        var info = Downstream.Info;
        info.FirstUpstreamRxByteUs = _worker.Loop.NowUs;
        // Of several attempts the one that is answered is the one to tell of.
        if (info.UpstreamConnectionId != _stream!.ConnectionId)
            Describe(_stream);
        _responseHeaders.Clear();
        return _responseHeaders;
    }

    void IUpstreamHandler.OnInformational(HeaderMap headers)
    {
        _timers?.Touch();
        _router.OnUpstreamInformational(this, headers);
    }

    void IUpstreamHandler.OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        _anyResponseHead = true;
        _log?.OnResponse(headers);
        _timers?.Touch();
        _timers?.OnHeaders();
        if (endStream)
            End();
        var opensTunnel = _awaitsTunnel && TunnelAnswer.IsAgreement(Downstream.RequestHeaders, headers.Status);
        _router.OnUpstreamHeaders(this, headers, endStream);
        if (opensTunnel && IsActive)
            OpenTunnel();
    }

    void IUpstreamHandler.OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        _timers?.Touch();
        _receivedBytes += data.Length;
        if (endStream)
            End();
        _router.OnUpstreamData(data, endStream);
    }

    void IUpstreamHandler.OnResponseTrailers(HeaderMap trailers)
    {
        End();
        _router.OnUpstreamTrailers(trailers);
    }

    void IUpstreamHandler.OnResponseMetadata(ReadOnlySpan<byte> block) => Downstream.EncodeMetadata(block);

    void IUpstreamHandler.OnReset(ResetReason reason, CodecError? error)
    {
        // RFC 9113 section 8.7: a refused stream was not begun. Connections that end under load refuse many at once, some of them again.
        var mayRepeat = (reason == ResetReason.RemoteRefusedStream && _repeats < MaxRefusals)
            || (reason == ResetReason.ConnectionTermination && _repeats == 0 && !_anyResponseByte && _stream!.IsReused
                && (_stream.NothingSent || Http.RequestMethods.IsIdempotent(Downstream.RequestHeaders.Get(KnownHeader.Method))));
        EndReports(reason);
        End();
        _router.OnUpstreamReset(this, reason, error?.Details, mayRepeat);
    }
}
