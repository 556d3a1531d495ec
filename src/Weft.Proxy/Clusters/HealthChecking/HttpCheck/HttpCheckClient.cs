using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Clusters.HealthChecking.HttpCheck;

/// <summary>A connection for checks, of whatever HTTP version, with at most one request at a time: keeps the response until it is complete. Main thread.</summary>
internal abstract class HttpCheckClient(IHttpCheckHandler handler) : IMessageHandler
{
    private readonly HeaderMap _headers = new();
    private readonly ByteWriter _body = new();

    /// <summary>A request has been sent whose response is not complete.</summary>
    protected bool IsWaiting { get; set; }

    protected bool IsClosed { get; set; }

    /// <summary>The connection takes another request after the one that is answered now.</summary>
    protected abstract bool CanReuse { get; }

    /// <summary>It takes a request now; a connection that does not is to be replaced.</summary>
    public abstract bool CanSend { get; }

    /// <summary>Sends a request; the handler hears OnResponse or OnReset, never from within this call.</summary>
    public abstract void Send(HeaderMap headers, ReadOnlySpan<byte> body);

    /// <summary>Closes; the handler hears nothing more.</summary>
    public abstract void Close();

    HeaderMap IMessageHandler.OnMessageBegin()
    {
        _body.Clear();
        return _headers;
    }

    void IMessageHandler.OnInformational(HeaderMap headers)
    {
    }

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        if (endStream)
            Complete(null);
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        var room = Math.Max(0, handler.MaxBodyBytes - _body.Length);
        _body.Write(data[..Math.Min(room, data.Length)]);
        if (endStream)
            Complete(null);
    }

    void IMessageHandler.OnTrailers(HeaderMap trailers) => Complete(trailers);

    void IMessageHandler.OnProtocolError(CodecError error) => End();

    /// <summary>The connection is of no more use, whatever it was doing.</summary>
    protected void End()
    {
        if (IsClosed)
            return;
        var wasWaiting = IsWaiting;
        IsWaiting = false;
        Close();
        if (wasWaiting)
            handler.OnReset();
        else
            handler.OnClosed();
    }

    private void Complete(HeaderMap? trailers)
    {
        if (IsClosed)
            return;
        IsWaiting = false;
        handler.OnResponse(_headers, _body.Written, trailers, CanReuse);
    }
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
