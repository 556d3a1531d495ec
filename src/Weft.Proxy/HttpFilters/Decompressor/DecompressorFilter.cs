using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.HttpFilters.Compression;

namespace Weft.Proxy.HttpFilters.Decompressor;

/// <summary>
/// Decompresses requests for upstreams that cannot, and responses for clients that should not need to. A body that is broken, cut off or a bomb
/// ends the stream: 400 or 413 for a request, 502 or a reset for a response. Pooled; worker thread.
/// </summary>
internal sealed class DecompressorFilter : HttpFilter
{
    private readonly DecompressorFilterFactory _factory;
    private readonly ByteWriter _list = new(32);
    private readonly BodyInflater _request;
    private readonly BodyInflater _response;

    public DecompressorFilter(DecompressorFilterFactory factory)
    {
        _factory = factory;
        _request = new BodyInflater(factory, factory.Request);
        _response = new BodyInflater(factory, factory.Response);
    }

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (_factory.Advertises && _factory.Response.IsEnabled(_factory.Runtime.Current))
        {
            HeaderTokens.WritePreferring(headers.Get(KnownHeader.AcceptEncoding), _factory.Library.Encoding, _list);
            headers.Set(KnownHeader.AcceptEncoding, _list.Written);
        }

        Begin(_request, _factory.Request, headers, endStream);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (!_request.IsOn)
            return FilterStatus.Continue;
        while (true)
        {
            var result = _request.Step(ref chunk);
            if (result == InflateResult.More)
            {
                Stream.InjectRequestData(this, _request.Output, endStream: false);
                if (!_request.IsOn)
                    return FilterStatus.Ended;
                continue;
            }

            chunk.Bytes = _request.Output;
            return result == InflateResult.Last ? FilterStatus.Continue : RefuseRequest(result);
        }
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
        => _request.IsOn && !_request.IsComplete ? RefuseRequest(InflateResult.Broken) : FilterStatus.Continue;

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        Begin(_response, _factory.Response, headers, endStream);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (!_response.IsOn)
            return FilterStatus.Continue;
        while (true)
        {
            var result = _response.Step(ref chunk);
            if (result == InflateResult.More)
            {
                Stream.InjectResponseData(this, _response.Output, endStream: false);
                if (!_response.IsOn)
                    return FilterStatus.Ended;
                continue;
            }

            chunk.Bytes = _response.Output;
            return result == InflateResult.Last ? FilterStatus.Continue : RefuseResponse(result);
        }
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
        => _response.IsOn && !_response.IsComplete ? RefuseResponse(InflateResult.Broken) : FilterStatus.Continue;

    public override void OnReset()
    {
        _request.End();
        _response.End();
    }

    private void Begin(BodyInflater inflater, DecompressorDirection direction, HeaderMap headers, bool endStream)
    {
        if (endStream)
            return;
        if (Stream.IsTunnel || !direction.Fits(headers, _factory.Library.Encoding, _factory.Runtime.Current))
        {
            direction.NotDecompressed.Inc();
            return;
        }

        direction.Decompressed.Inc();
        headers.Remove(KnownHeader.ContentLength);
        var codings = headers.Get(KnownHeader.ContentEncoding);
        var comma = codings.IndexOf((byte)',');
        if (comma < 0)
            headers.Remove(KnownHeader.ContentEncoding);
        else
            headers.Set(KnownHeader.ContentEncoding, codings[(comma + 1)..].Trim(" \t"u8));
        inflater.Begin();
    }

    private FilterStatus RefuseRequest(InflateResult result)
    {
        _request.CountError(result);
        _request.End();
        if (result == InflateResult.TooLarge)
            Stream.SendLocalReply(413, "Payload Too Large"u8, "request_decompression_ratio_exceeded");
        else
            Stream.SendLocalReply(400, "Bad Request"u8, "request_decompression_failed");
        return FilterStatus.Ended;
    }

    private FilterStatus RefuseResponse(InflateResult result)
    {
        _response.CountError(result);
        _response.End();
        Stream.SendLocalReply(502, "Bad Gateway"u8, result == InflateResult.TooLarge ? "response_decompression_ratio_exceeded" : "response_decompression_failed");
        return FilterStatus.Ended;
    }
}
