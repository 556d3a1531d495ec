using System.Text;
using Weft.Base;
using Weft.Config;
using Weft.Http;
using Weft.Http.Urls;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters.HeaderMutation;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Streams;
using EarlyMutationMessage = Envoy.Extensions.Http.EarlyHeaderMutation.HeaderMutation.V3.HeaderMutation;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>
/// The connection manager's rules for request heads, compiled: what is refused, how path and host are normalised, who the
/// client is, what it may say and what is added. Immutable, shared by all workers.
/// </summary>
/// <remarks>
/// 1. <see cref="RequestChecks"/>. 2. Path. 3. Host. 4. early_header_mutation_extensions. 5. Hop-by-hop headers. 6. <see cref="ClientAddressRules"/>.
/// 7. <see cref="ForwardedHeaders"/>. 8. <see cref="InternalHeaders"/>. 9. What is told to the upstream.
/// </remarks>
internal sealed class RequestHeaderRules
{
    private static readonly HeaderName s_via = new(KnownHeader.Via);

    private readonly bool _normalizePath, _mergeSlashes, _stripTrailingDot;
    private readonly EscapedSlashes _escapedSlashes;
    private readonly PortStripping _ports;
    private readonly MutationList[] _early;
    private readonly ClientAddressRules _client;
    private readonly ForwardedHeaders _forwarded;
    private readonly InternalHeaders _internal;
    private readonly RequestIds _ids;
    private readonly ClientCertificateHeader _certificate;
    private readonly byte[] _via;
    private readonly byte[]? _userAgent;
    private readonly byte[] _nodeId;

    private RequestHeaderRules(HcmMessage source, FactoryContext context)
    {
        var runtime = context.Runtime.Current;
        _normalizePath = source.NormalizePath ?? runtime.GetInteger("http_connection_manager.normalize_path", 0) > 0;
        _mergeSlashes = source.MergeSlashes;
        _escapedSlashes = PathOptions.EscapedSlashesOf(source, runtime);
        _stripTrailingDot = source.StripTrailingHostDot;
        _ports = PathOptions.PortStrippingOf(source, context.Config);
        _early = EarlyMutations(source, context.Config);
        _client = new ClientAddressRules(source, context);
        _forwarded = new ForwardedHeaders(source);
        _internal = new InternalHeaders(source.RouteConfig?.InternalOnlyHeaders ?? []);
        _ids = new RequestIds(source, context.Config);
        _certificate = new ClientCertificateHeader(source.ForwardClientCertDetails, source.SetCurrentClientCertDetails);
        _via = Encoding.UTF8.GetBytes(source.Via);
        _userAgent = source.AddUserAgent ?? false ? Encoding.UTF8.GetBytes(context.Node.Cluster) : null;
        _nodeId = Encoding.UTF8.GetBytes(context.Node.Id);
    }

    public static RequestHeaderRules Create(HcmMessage source, FactoryContext context) => new(source, context);

    /// <summary>Checks and changes a request head, and works out the client's address (into <see cref="StreamInfo.DownstreamRemoteAddress"/>). No allocation.</summary>
    /// <param name="tls">The client's connection is encrypted.</param>
    public RequestVerdict Apply(HeaderMap headers, StreamInfo info, RandomSource random, bool tls = false)
    {
        if (RequestChecks.Check(headers) is { IsContinue: false } refused) return refused;
        if (NormalizePath(headers) is { IsContinue: false } notNormal) return notNormal;
        var port = Authority.Apply(headers, _ports, info.DownstreamLocalAddress.Port, _stripTrailingDot);
        if (port > 0 && TunnelAnswer.IsConnect(headers)) info.ConnectPort = port;
        foreach (var mutations in _early) mutations.Apply(headers, new FormatContext(info, headers), MatchScratch.OfThread.Formatted);
        if (!HopByHop.Strip(headers, keepUpgrade: true)) return RequestVerdict.InvalidConnection;

        RefererCheck.Sanitize(headers);
        if (_client.Apply(headers, info, out var client) is { IsContinue: false } unknown) return unknown;
        _forwarded.Apply(headers, info, tls);
        _internal.Apply(headers, client);
        AddUserAgent(headers);
        if (_via.Length > 0) headers.Append(s_via, _via, ", "u8);
        if (client.IsEdge) SetExternalAddress(headers, info);
        _ids.Apply(headers, client.IsEdge, random);
        _certificate.Apply(headers, info.DownstreamTls);
        return RequestVerdict.Continue;
    }

    /// <summary>The path rules alone: for a path that did not come from the client.</summary>
    public RequestVerdict NormalizePath(HeaderMap headers) => PathNormalization.Apply(headers, _normalizePath, _mergeSlashes, _escapedSlashes) switch
    {
        PathVerdict.Continue => RequestVerdict.Continue,
        // gRPC clients follow no redirects.
        PathVerdict.Redirect when !GrpcRequest.Is(headers) => RequestVerdict.NormalizedPath,
        _ => RequestVerdict.InvalidPath,
    };

    private static MutationList[] EarlyMutations(HcmMessage source, ConfigContext context)
    {
        var lists = new List<MutationList>();
        foreach (var extension in source.EarlyHeaderMutationExtensions)
        {
            if (context.Unpack<EarlyMutationMessage>(extension.TypedConfig) is { } mutations) lists.Add(MutationList.Create(mutations.Mutations, context));
        }

        return [.. lists];
    }

    /// <summary>add_user_agent: who sends this, in Envoy's terms of service cluster and node.</summary>
    private void AddUserAgent(HeaderMap headers)
    {
        if (_userAgent is null) return;
        headers.Set(KnownHeader.XEnvoyDownstreamServiceCluster, _userAgent);
        if (headers.Get(KnownHeader.UserAgent).IsEmpty) headers.Set(KnownHeader.UserAgent, _userAgent);
        if (_nodeId.Length > 0) headers.Set(KnownHeader.XEnvoyDownstreamServiceNode, _nodeId);
    }

    private static void SetExternalAddress(HeaderMap headers, StreamInfo info)
    {
        if (info.DownstreamRemoteAddress.Kind is not (Net.NetAddressKind.IPv4 or Net.NetAddressKind.IPv6)) return;
        Span<byte> text = stackalloc byte[Net.NetAddress.MaxTextBytes];
        headers.Set(KnownHeader.XEnvoyExternalAddress, text[..info.DownstreamRemoteAddress.Format(text, withPort: false)]);
    }
}
