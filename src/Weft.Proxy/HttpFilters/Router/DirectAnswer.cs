using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>Routes that are answered without an upstream: redirects and direct responses. Pooled with its router; worker thread.</summary>
internal sealed class DirectAnswer
{
    private readonly ByteWriter _location = new();
    private ByteWriter? _body;

    public void Send(Route route, HeaderMap request, IHttpStream stream, RouterFilterFactory config)
    {
        var reply = stream.LocalReplyHeaders;
        if (route.Redirect is { } redirect)
        {
            config.Stats.RqRedirect.Inc();
            _location.Clear();
            redirect.WriteLocation(request, _location);
            reply.Set(KnownHeader.Location, _location.Written);
        }
        else
        {
            config.Stats.RqDirectResponse.Inc();
            if (route.DirectResponse!.HasLocation)
            {
                _location.Clear();
                route.DirectResponse.WriteLocation(request, _location);
                reply.Set(KnownHeader.Location, _location.Written);
            }
        }

        if (route.DirectResponse is { BodyFormat: not null } formatted)
            reply.Set(KnownHeader.ContentType, formatted.ContentType);
        route.ResponseHeaders.Apply(reply, new FormatContext(stream.Info, request, reply));
        var status = route.Redirect?.Status ?? route.DirectResponse!.Status;
        stream.SendLocalReply(status, BodyOf(route, request, stream), "direct_response");
    }

    private ReadOnlySpan<byte> BodyOf(Route route, HeaderMap request, IHttpStream stream)
    {
        if (route.DirectResponse is not { } direct)
            return default;
        if (direct.BodyFormat is not { } format)
            return direct.Body;
        _body ??= new ByteWriter();
        _body.Clear();
        // The format may name it.
        stream.Info.ResponseCode = direct.Status;
        format.Format(new FormatContext(stream.Info, request, stream.LocalReplyHeaders) { LocalReplyBody = direct.Body }, _body);
        return _body.Written;
    }
}
