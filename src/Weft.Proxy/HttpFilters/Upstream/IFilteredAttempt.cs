using Weft.Http;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing;

namespace Weft.Proxy.HttpFilters.Upstream;

/// <summary>Who sends a request through a chain of upstream filters; the response comes back to it as from a connection. Worker thread.</summary>
internal interface IFilteredAttempt : IUpstreamHandler
{
    StreamInfo Info { get; }

    /// <summary>Null: requests are not traced.</summary>
    HttpTrace? Trace => null;

    /// <summary>Null: no route says anything to the filters.</summary>
    Route? Route => null;

    /// <summary>What was attached to the client's connection.</summary>
    DynamicMetadata ConnectionMetadata => Info.DynamicMetadata;

    /// <summary>Headers for a filter's local reply.</summary>
    HeaderMap LocalReplyHeaders { get; }

    /// <summary>How much body may wait, each way.</summary>
    int BufferLimitBytes { get; }

    /// <summary>The body is an opaque stream both ways.</summary>
    bool IsTunnel => false;

    bool IsResponseBackedUp => false;

    /// <summary>The request's head has passed the filters: a connection is needed.</summary>
    /// <param name="request">Who waits for it.</param>
    /// <param name="head">As it will be sent.</param>
    void AskPool(PendingRequest request, HeaderMap head);

    /// <summary>There is a connection; the head goes out next.</summary>
    void OnConnected(UpstreamStream stream, HeaderMap head)
    {
    }

    /// <summary>The head has gone out.</summary>
    void OnHeadSent(UpstreamStream stream)
    {
    }

    /// <summary>The end of the request has gone out.</summary>
    void OnRequestSent()
    {
    }

    /// <summary>A filter answers the request. The filters are reset within the call.</summary>
    void OnLocalReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags);

    /// <summary>A filter ends the client's stream without an answer. The filters are reset within the call.</summary>
    void OnAborted(string details, ResponseFlags flags);
}
