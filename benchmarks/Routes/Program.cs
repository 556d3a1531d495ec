using System.Diagnostics;
using System.Globalization;
using System.Text;
using Envoy.Config.Route.V3;
using Weft.Base;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Routing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using RouteMessage = Envoy.Config.Route.V3.Route;
using VirtualHostMessage = Envoy.Config.Route.V3.VirtualHost;

// How the time to find a request's route grows with the number of virtual hosts and of routes: the search alone, without a proxy around it.
const double SecondsPerSize = 0.3;

Console.WriteLine("virtual hosts   ns per request   x 1 host");
Print([1, 10, 100, 1_000, 10_000], static count => (Hosts(count), [.. Enumerable.Range(0, Math.Min(count, 512)).Select(i => Request($"host-{i * 19 % count}.example.com", "/"))]));
Console.WriteLine();
Console.WriteLine("prefix routes   ns per request   x 1 route");
Print([1, 10, 100, 1_000], static count => (Prefixes(count), [.. Enumerable.Range(0, Math.Min(count, 512)).Select(i => Request("host", $"/service/{i * 7 % count}/item?id=1"))]));
return 0;

static void Print(int[] sizes, Func<int, (RouteConfiguration Table, HeaderMap[] Requests)> make)
{
    var first = 0.0;
    foreach (var size in sizes)
    {
        var (config, requests) = make(size);
        var ns = Measure(Compile(config), requests);
        if (first == 0) first = ns;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size,13:N0}   {ns,14:N0}   {ns / first,8:N2}"));
    }
}

static double Measure(RouteTable table, HeaderMap[] requests)
{
    var info = new StreamInfo();
    Run(table, requests, info, SecondsPerSize);
    return Run(table, requests, info, SecondsPerSize);
}

static double Run(RouteTable table, HeaderMap[] requests, StreamInfo info, double seconds)
{
    var watch = Stopwatch.StartNew();
    long matched = 0;
    while (watch.Elapsed.TotalSeconds < seconds)
    {
        foreach (var headers in requests)
        {
            if (table.Match(new RouteRequest(headers, info, RuntimeSnapshot.Empty)) is null) throw new InvalidOperationException("a request found no route");
            matched++;
        }
    }

    return watch.Elapsed.TotalNanoseconds / matched;
}

static RouteConfiguration Hosts(int count)
{
    var table = new RouteConfiguration { Name = "hosts" };
    for (var i = 0; i < count; i++) table.VirtualHosts.Add(new VirtualHostMessage { Name = $"v{i}", Domains = { $"host-{i}.example.com" }, Routes = { Route("/") } });
    return table;
}

static RouteConfiguration Prefixes(int count)
{
    var host = new VirtualHostMessage { Name = "all", Domains = { "*" } };
    for (var i = 0; i < count; i++) host.Routes.Add(Route($"/service/{i}/"));
    return new RouteConfiguration { Name = "prefixes", VirtualHosts = { host } };
}

static RouteMessage Route(string prefix) => new() { Match = new RouteMatch { Prefix = prefix }, Route_ = new RouteAction { Cluster = "backend" } };

static HeaderMap Request(string host, string path)
{
    var map = new HeaderMap();
    map.Set(KnownHeader.Method, "GET"u8);
    map.Set(KnownHeader.Authority, Encoding.ASCII.GetBytes(host));
    map.Set(KnownHeader.Path, Encoding.ASCII.GetBytes(path));
    map.Set(KnownHeader.Scheme, "http"u8);
    return map;
}

// Nothing that is left out is looked at while routes are compiled.
static RouteTable Compile(RouteConfiguration config)
{
    var context = new ConfigContext();
    return RouteTable.Create(config, new FactoryContext
    {
        Config = context,
        Stats = new StatsStore(),
        Runtime = new RuntimeLayers(null, context, new StatsStore().Scope("")),
        AccessLogFiles = null!,
        Clusters = new ClusterReferences(),
        Node = new Node("", "", ""),
        MainLoop = null!,
        Dns = null!,
        Random = new RandomSource(1),
        Concurrency = 1,
    });
}
