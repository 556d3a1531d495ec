using System.Text;
using Envoy.Config.Route.V3;
using Weft.Base;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Routing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using RedirectAction = Weft.Proxy.Routing.RedirectAction;
using Route = Weft.Proxy.Routing.Route;

namespace Weft.Proxy.Tests.Routing;

/// <summary>What tests of routing share: tables from YAML, requests, and what a route says of itself.</summary>
internal static class Routes
{
    public static FactoryContext Context(ConfigContext config, Weft.Proxy.Bootstrap.Node? node = null, Weft.Net.EventLoop? loop = null) => new()
    {
        Config = config,
        Stats = new StatsStore(),
        Runtime = new RuntimeLayers(new Envoy.Config.Bootstrap.V3.LayeredRuntime(), config, new StatsStore().Scope("")),
        AccessLogFiles = null!,
        Clusters = new ClusterReferences(),
        Node = node ?? new Weft.Proxy.Bootstrap.Node("", "", ""),
        MainLoop = loop!,
        Dns = null!,
        Random = new RandomSource(1),
        Concurrency = 1,
    };

    /// <summary>A table that must have no faults.</summary>
    public static RouteTable Table(string yaml, IReadOnlyList<HttpFilterFactory>? filters = null)
    {
        var config = new ConfigContext();
        var table = RouteTable.Create(Read(yaml, config), Context(config), filters);
        Assert.Empty(config.Findings.Errors);
        return table;
    }

    /// <summary>One virtual host for every domain, with these routes.</summary>
    public static RouteTable OfRoutes(string routes)
        => Table($"name: r\nvirtual_hosts:\n- name: v\n  domains: [\"*\"]\n  routes:\n{Indent(routes)}");

    /// <summary>The texts of the faults of a table.</summary>
    public static string[] Faults(string yaml)
    {
        var config = new ConfigContext();
        RouteTable.Create(Read(yaml, config), Context(config));
        return [.. config.Findings.Errors.Select(static fault => fault.Text)];
    }

    public static string[] FaultsOfRoutes(string routes)
        => Faults($"name: r\nvirtual_hosts:\n- name: v\n  domains: [\"*\"]\n  routes:\n{Indent(routes)}");

    public static HeaderMap Request(string path, string host = "host", string method = "GET", params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        map.Add(KnownHeader.Method, Encoding.UTF8.GetBytes(method));
        map.Add(KnownHeader.Authority, Encoding.UTF8.GetBytes(host));
        map.Add(KnownHeader.Path, Encoding.UTF8.GetBytes(path));
        map.Add(KnownHeader.Scheme, "http"u8);
        map.Add(KnownHeader.XForwardedProto, "http"u8);
        foreach (var (name, value) in headers) Add(map, name, value);
        return map;
    }

    public static void Add(HeaderMap map, string name, string value) => map.Add(new HeaderName(name), Encoding.UTF8.GetBytes(value));

    public static Route? Match(this RouteTable table, HeaderMap headers, ulong random = 0, RuntimeSnapshot? runtime = null)
        => table.Match(new RouteRequest(headers, new StreamInfo { RandomValue = random }, runtime ?? RuntimeSnapshot.Empty));

    /// <summary>The name of the matching route, or its cluster when it has none; null when none matches.</summary>
    public static string? NameFor(this RouteTable table, HeaderMap headers, ulong random = 0, RuntimeSnapshot? runtime = null)
    {
        var route = table.Match(headers, random, runtime);
        if (route is null || route.Name.Length > 0) return route?.Name;
        return route.Forward?.SelectCluster(new RouteRequest(headers, new StreamInfo(), RuntimeSnapshot.Empty))?.Name;
    }

    public static string? NameFor(this RouteTable table, string path, string host = "host") => table.NameFor(Request(path, host));

    public static string Get(this HeaderMap headers, string name) => Encoding.UTF8.GetString(headers.Get(new HeaderName(name)));

    /// <summary>All values of a name.</summary>
    public static string[] All(this HeaderMap headers, string name)
    {
        var values = new List<string>();
        for (var i = headers.IndexOf(new HeaderName(name)); i >= 0; i = headers.IndexOf(new HeaderName(name), i + 1))
            values.Add(Encoding.UTF8.GetString(headers.ValueAt(i)));
        return [.. values];
    }

    public static string Location(this RedirectAction redirect, HeaderMap request)
    {
        var output = new ByteWriter();
        redirect.WriteLocation(request, output);
        return Encoding.UTF8.GetString(output.Written);
    }

    public static FormatContext Format(HeaderMap request, StreamInfo? info = null) => new(info ?? new StreamInfo(), request);

    public static RuntimeSnapshot Runtime(params (string Key, string Value)[] values)
    {
        var layers = new RuntimeLayers(new Envoy.Config.Bootstrap.V3.LayeredRuntime(), new ConfigContext(), new StatsStore().Scope(""));
        layers.Modify(values.Select(static value => KeyValuePair.Create(value.Key, value.Value)));
        return layers.Current;
    }

    /// <summary>Sets values of the admin layer.</summary>
    public static void Set(this RuntimeLayers layers, params (string Key, string Value)[] values)
        => layers.Modify(values.Select(static value => KeyValuePair.Create(value.Key, value.Value)));

    private static RouteConfiguration Read(string yaml, ConfigContext config)
        => ConfigReader.ReadText<RouteConfiguration>(yaml, "t.yaml", new ReadOptions { AllowUnimplemented = true }, config);

    private static string Indent(string text) => string.Join('\n', text.Split('\n').Select(static line => "  " + line));
}
