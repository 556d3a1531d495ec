using Weft.Base;
using Weft.Config;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using Node = Weft.Proxy.Bootstrap.Node;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>What tests of the connection manager's header rules share: a connection and its rules.</summary>
internal sealed class Rules(string yaml, string peer = "10.0.0.3", bool tls = false)
{
    private readonly RandomSource _random = new(1);

    public RequestHeaderRules Request { get; } = RequestHeaderRules.Create(Read(yaml), Routes.Context(new ConfigContext(), new Node("node-1", "service-1", "") { Address = Address("10.1.1.1", 0) }));

    public StreamInfo Info { get; } = new()
    {
        DownstreamRemoteAddress = peer.StartsWith('/') ? NetAddress.FromUnixPath(peer) : Address(peer, 50_000),
        DownstreamDirectRemoteAddress = peer.StartsWith('/') ? NetAddress.FromUnixPath(peer) : Address(peer, 50_000),
        DownstreamLocalAddress = Address("10.9.9.9", 8080),
    };

    /// <summary>Applies the rules to a request with these headers on top of the ordinary ones, which x-forwarded-proto and :scheme are not.</summary>
    public HeaderMap Apply(params (string Name, string Value)[] headers)
    {
        var map = Bare("/", headers);
        Assert.True(Apply(map).IsContinue);
        return map;
    }

    public RequestVerdict Apply(HeaderMap headers) => Request.Apply(headers, Info, _random, tls);

    public static HeaderMap Bare(string path, params (string Name, string Value)[] headers)
    {
        var map = Routes.Request(path, headers: headers.Where(static header => header.Name is not ("x-forwarded-proto" or ":scheme")).ToArray());
        map.Remove(KnownHeader.Scheme);
        map.Remove(KnownHeader.XForwardedProto);
        foreach (var (name, value) in headers)
        {
            if (name is "x-forwarded-proto" or ":scheme") Routes.Add(map, name, value);
        }

        return map;
    }

    public static HcmMessage Read(string yaml)
        => ConfigReader.ReadText<HcmMessage>($"{{ stat_prefix: s, route_config: {{}}, {yaml} }}", "t.yaml", new ReadOptions { AllowUnimplemented = true }, new ConfigContext());

    private static NetAddress Address(string text, int port)
    {
        Assert.True(NetAddress.TryParseIP(text, port, out var address));
        return address;
    }
}
