using Weft.Http;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters;

/// <summary>What a filter may see of its stream and do to it. Worker thread.</summary>
public interface IHttpStream
{
    Worker Worker { get; }

    StreamInfo Info { get; }

    HeaderMap RequestHeaders { get; }

    /// <summary>Null until the response head has come.</summary>
    HeaderMap? ResponseHeaders { get; }

    /// <summary>The route, matched on first use; null when there is none.</summary>
    Route? Route { get; }

    /// <summary>Forgets the matched route: a filter changed what routes are matched by.</summary>
    void ClearRouteCache();

    /// <summary>Answers the request here: passes the response through the filters, logs it, applies local_reply_config.</summary>
    /// <param name="body">Text as Envoy writes it; may be empty.</param>
    /// <param name="details">Response code details, a constant.</param>
    void SendLocalReply(int status, ReadOnlySpan<byte> body, string details, ResponseFlags flags = ResponseFlags.None);

    /// <summary>Goes on after <see cref="FilterStatus.StopAndBuffer"/> on the request path, from the filter after <paramref name="filter"/>. Not from within its own callback.</summary>
    void ContinueRequest(HttpFilter filter);

    void ContinueResponse(HttpFilter filter);

    /// <summary>Ends the stream without an answer: the downstream connection (HTTP/1) or stream (HTTP/2) is reset.</summary>
    void ResetStream(string details, ResponseFlags flags);

    /// <summary>Response bytes wait downstream beyond the limit: whoever produces them should pause.</summary>
    bool IsResponseBackedUp { get; }
}
