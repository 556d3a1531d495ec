using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>Routes that are answered without an upstream: redirects and direct responses. Pooled with its router; worker thread.</summary>
internal sealed class DirectAnswer
{
    private readonly ByteWriter _location = new();

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

        route.ResponseHeaders.Apply(reply, new FormatContext(stream.Info, request, reply));
        var status = route.Redirect?.Status ?? route.DirectResponse!.Status;
        stream.SendLocalReply(status, route.DirectResponse?.Body ?? [], "direct_response");
    }
}
