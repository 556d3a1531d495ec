using System.Text;
using Google.Protobuf.Collections;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;
using TunnelingMessage = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy.Types.TunnelingConfig;

namespace Weft.Proxy.NetworkFilters.TcpProxy.Tunneling;

/// <summary>tunneling_config: connections go through a proxy, as a CONNECT or the body of a POST. Immutable, shared by all workers.</summary>
internal sealed class TunnelingConfig
{
    private readonly SubstitutionFormat _hostname;
    private readonly HeaderMutations _headers;
    private readonly byte[] _postPath;

    private TunnelingConfig(TunnelingMessage source, FactoryContext context)
    {
        UsesPost = source.UsePost;
        PropagatesHeaders = source.PropagateResponseHeaders;
        PropagatesTrailers = source.PropagateResponseTrailers;
        _postPath = Encoding.UTF8.GetBytes(source.PostPath.Length > 0 ? source.PostPath : "/");
        _hostname = SubstitutionFormat.Parse(source.Hostname, context.Config, source, "hostname");
        _headers = HeaderMutations.Create(source.HeadersToAdd, new RepeatedField<string>(), context.Config, source, "headers_to_add", "");
        if (source.PostPath.Length > 0 && !source.UsePost)
            context.Config.Error(source, "post_path", "Can't set a post path when POST method isn't used");
    }

    /// <summary>use_post: in the body of a POST instead of a CONNECT.</summary>
    public bool UsesPost { get; }

    /// <summary>propagate_response_headers: the response's head is put into the connection's filter state.</summary>
    public bool PropagatesHeaders { get; }

    /// <summary>propagate_response_trailers: and its trailers.</summary>
    public bool PropagatesTrailers { get; }

    /// <summary>Compiles; faults are reported in the context.</summary>
    public static TunnelingConfig? Create(TunnelingMessage? source, FactoryContext context) => source is null ? null : new TunnelingConfig(source, context);

    /// <summary>Writes the head of the request that makes a tunnel for a connection. Once per tunnel.</summary>
    public void WriteRequest(HeaderMap headers, StreamInfo info, bool isSecure)
    {
        var host = MatchScratch.OfThread.Rewritten;
        host.Clear();
        var context = new FormatContext(info);
        _hostname.Format(context, host);
        headers.Clear();
        headers.Set(KnownHeader.Method, UsesPost ? "POST"u8 : "CONNECT"u8);
        headers.Set(KnownHeader.Authority, host.Written);
        if (UsesPost)
        {
            headers.Set(KnownHeader.Path, _postPath);
            headers.Set(KnownHeader.Scheme, isSecure ? "https"u8 : "http"u8);
        }

        _headers.Apply(headers, new FormatContext(info, headers));
    }
}
