using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Admin;

namespace Weft.Proxy.HttpFilters.Admin;

/// <summary>The terminal filter of the admin interface: collects the request, answers it from <see cref="AdminHandlers"/>. Main thread.</summary>
internal sealed class AdminFilter(AdminHandlers handlers) : HttpFilter, IAdminStream
{
    private readonly HeaderMap _headers = new();
    private readonly ByteWriter _body = new();
    private AdminResponse? _response;
    private Action<IAdminStream>? _streamEnded;

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        if (endStream)
            Answer();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk)
    {
        if (_body.Length + chunk.Bytes.Length > Stream.BufferLimitBytes)
        {
            Stream.SendLocalReply(413, "Payload Too Large"u8, "request_payload_too_large");
            return FilterStatus.Ended;
        }

        _body.Write(chunk.Bytes);
        if (chunk.EndStream)
            Answer();
        return FilterStatus.Continue;
    }

    public override FilterStatus OnRequestTrailers(HeaderMap trailers)
    {
        Answer();
        return FilterStatus.Continue;
    }

    public override void OnResponseDrained() => SendBody();

    public override void OnReset()
    {
        _streamEnded?.Invoke(this);
        _streamEnded = null;
        _response = null;
        _body.Clear();
        _headers.Clear();
    }

    void IAdminStream.Send(ReadOnlySpan<byte> piece)
    {
        if (!Stream.IsResponseBackedUp)
            Stream.EncodeData(piece, endStream: false);
    }

    private void Answer()
    {
        var headers = Stream.RequestHeaders;
        var request = AdminRequest.Parse(
            Text(headers.Get(KnownHeader.Method)),
            Text(headers.Get(KnownHeader.Path)),
            Text(headers.Get(KnownHeader.ContentType)),
            _body.Written.ToArray());
        var response = handlers.Handle(request);
        _headers.Set(KnownHeader.Status, response.Status);
        _headers.Set(KnownHeader.ContentType, Encoding.ASCII.GetBytes(response.ContentType));
        foreach (var (name, value) in response.Headers)
            _headers.Set(new HeaderName(name), Encoding.ASCII.GetBytes(value));
        Stream.Info.ResponseCodeDetails = "admin_filter_response";
        if (response.StreamBegun is { } begun)
        {
            _streamEnded = response.StreamEnded;
            Stream.EncodeHeaders(_headers, endStream: false);
            begun(this);
            return;
        }

        var empty = response.NextPiece is null && response.Body.Length == 0;
        _response = empty ? null : response;
        Stream.EncodeHeaders(_headers, empty);
        SendBody();
    }

    /// <summary>Sends piece after piece, as fast as the client takes them.</summary>
    private void SendBody()
    {
        while (_response is { } response && !Stream.IsResponseBackedUp)
        {
            if (response.NextPiece is null)
            {
                _response = null;
                Stream.EncodeData(response.Body.Written, endStream: true);
                return;
            }

            Stream.EncodeData(response.Body.Written, endStream: false);
            response.Body.Clear();
            if (!response.NextPiece(response.Body))
                response.NextPiece = null;
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}

/// <summary>Makes admin filters.</summary>
internal sealed class AdminFilterFactory(AdminHandlers handlers) : HttpFilterFactory
{
    public override bool IsTerminal => true;

    public override HttpFilter Create(Workers.Worker worker) => new AdminFilter(handlers);
}
