using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Matching;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.CustomResponse;

/// <summary>
/// Replaces responses, those of the proxy itself too, by local ones or by those of another URL: as the most specific configuration says whose matcher
/// knows the response. Pooled; worker thread.
/// </summary>
internal sealed class CustomResponseFilter(CustomResponseFilterFactory factory, Worker worker) : HttpFilter
{
    private readonly ByteQueue _noBody = new(worker.Loop.Buffers);
    private HeaderMap? _saved;
    private bool _hasRequest;
    private bool _isComplete;

    /// <summary>For bodies and URLs.</summary>
    public ByteWriter Scratch { get; } = new(0);

    public ByteWriter PathScratch { get; } = new(0);

    /// <summary>The request has come here, and all of it, so that it can begin anew.</summary>
    public bool MayRestart => _hasRequest && _isComplete && !Stream.IsTunnel;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        (_hasRequest, _isComplete) = (true, endStream);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        _isComplete |= chunk.EndStream;
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        _isComplete = true;
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (Stream.Info.FilterState.Find(CustomResponseState.Key) is CustomResponseState state)
        {
            state.Policy.Finish(Stream, headers, state.OriginalStatus);
            return FilterStatus.Continue;
        }

        return Find(headers)?.Replace(this, headers) ?? FilterStatus.Continue;
    }

    public override void OnReset() => _hasRequest = _isComplete = false;

    /// <summary>Keeps the request's headers as they are.</summary>
    public void SaveRequest() => (_saved ??= new HeaderMap()).CopyFrom(Stream.RequestHeaders);

    public void RestoreRequest() => Stream.RequestHeaders.CopyFrom(_saved!);

    /// <summary>Begins the request anew, without a body. This is reset within the call.</summary>
    public void Restart() => Stream.Restart(_noBody, trailers: null);

    private CustomResponsePolicy? Find(HeaderMap response)
    {
        var data = new MatchData(Stream.Info, factory.Runtime.Current) { ResponseHeaders = response };
        foreach (var level in Stream.RouteConfigs(this))
        {
            if (level is CustomResponseConfig config && config.Find(data) is { } policy) return policy;
        }

        return factory.Config.Find(data);
    }
}
