using Weft.Http;

namespace Weft.Proxy.Clusters.HealthChecking.HttpCheck;

/// <summary>A connection for checks, of whatever HTTP version, with at most one request at a time. Main thread.</summary>
internal abstract class HttpCheckClient
{
    /// <summary>It takes a request now; a connection that does not is to be replaced.</summary>
    public abstract bool CanSend { get; }

    /// <summary>Sends a request; the handler hears OnResponse or OnReset, never from within this call.</summary>
    public abstract void Send(HeaderMap headers, ReadOnlySpan<byte> body);

    /// <summary>Closes; the handler hears nothing more.</summary>
    public abstract void Close();
}

/// <summary>Whose connection it is.</summary>
internal interface IHttpCheckHandler
{
    /// <summary>Body bytes to keep; more are dropped.</summary>
    int MaxBodyBytes { get; }

    /// <summary>The response is complete. Spans and maps are valid during the call.</summary>
    /// <param name="trailers">Null when there are none.</param>
    /// <param name="canReuse">The connection takes another request.</param>
    void OnResponse(HeaderMap headers, ReadOnlySpan<byte> body, HeaderMap? trailers, bool canReuse);

    /// <summary>The request that ran has failed with its connection, which is closed.</summary>
    void OnReset();

    /// <summary>The connection has ended between two requests.</summary>
    void OnClosed();
}
