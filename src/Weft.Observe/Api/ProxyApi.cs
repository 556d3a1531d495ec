using System.Text.Json;
using Weft.Observe.Proxies;
using Weft.Observe.Serving;

namespace Weft.Observe.Api;

/// <summary>The queries of the page about proxies. Loop thread.</summary>
internal sealed class ProxyApi(Observer observer)
{
    /// <summary>All of them, in short.</summary>
    public HttpAnswer List(HttpCall call) => JsonAnswer.Of(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("refused", observer.Proxies.Refused);
        json.WriteStartArray("proxies");
        foreach (var proxy in observer.Proxies.All)
        {
            json.WriteStartObject();
            WriteHead(json, proxy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>One of them, by <c>address</c>, with its clusters and listeners.</summary>
    public HttpAnswer One(HttpCall call) => Find(observer, call) is not { } proxy ? HttpAnswer.Text(404, "no such proxy is watched") : JsonAnswer.Of(json =>
    {
        json.WriteStartObject();
        WriteHead(json, proxy);
        json.WriteStartArray("clusterList");
        foreach (var cluster in proxy.Details?.Clusters.Clusters ?? [])
            Write(json, cluster);
        json.WriteEndArray();
        json.WriteStartArray("listenerList");
        foreach (var listener in proxy.Details?.Listeners ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", listener.Name);
            json.WriteStartArray("addresses");
            foreach (var address in listener.Addresses)
                json.WriteStringValue(address);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>What a proxy is called where there is room for one name.</summary>
    public static string DisplayName(WatchedProxy proxy) => proxy.Name.Length > 0 ? proxy.Name : proxy.Details?.Identity.NodeId ?? proxy.Address;

    /// <summary>The proxy that a call names by <c>address</c>.</summary>
    public static WatchedProxy? Find(Observer observer, HttpCall call) => observer.Proxies.All.FirstOrDefault(proxy => proxy.Address == call.Query("address"));

    private static void WriteHead(Utf8JsonWriter json, WatchedProxy proxy)
    {
        json.WriteString("address", proxy.Address);
        json.WriteString("name", DisplayName(proxy));
        json.WriteString("origin", proxy.Origin.ToString().ToLowerInvariant());
        json.WriteString("error", proxy.Error);
        if (proxy.Details is not { } details)
            return;
        json.WriteString("node", details.Identity.NodeId);
        json.WriteString("cluster", details.Identity.NodeCluster);
        json.WriteString("zone", details.Identity.Zone);
        json.WriteString("version", details.Identity.Version);
        json.WriteString("state", details.Identity.State);
        json.WriteNumber("uptimeSeconds", details.Identity.UptimeSeconds);
        json.WriteNumber("restartEpoch", details.Identity.RestartEpoch);
        json.WriteNumber("concurrency", details.Identity.Concurrency);
        json.WriteString("configPath", details.Identity.ConfigPath);
        json.WriteNumber("clusters", details.Clusters.Total);
        json.WriteNumber("endpoints", details.Clusters.Endpoints);
        json.WriteNumber("healthy", details.Clusters.Healthy);
        json.WriteNumber("listeners", details.Listeners.Count);
    }

    private static void Write(Utf8JsonWriter json, ClusterHealth cluster)
    {
        json.WriteStartObject();
        json.WriteString("name", cluster.Name);
        json.WriteBoolean("dynamic", cluster.IsDynamic);
        json.WriteString("edsServiceName", cluster.EdsServiceName);
        json.WriteNumber("total", cluster.Total);
        json.WriteNumber("healthy", cluster.Healthy);
        json.WriteStartArray("endpoints");
        foreach (var endpoint in cluster.Endpoints)
            Write(json, endpoint);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, EndpointHealth endpoint)
    {
        json.WriteStartObject();
        json.WriteString("address", endpoint.Address);
        json.WriteString("hostname", endpoint.Hostname);
        json.WriteString("health", endpoint.Health);
        json.WriteNumber("requests", endpoint.Requests);
        json.WriteNumber("errors", endpoint.Errors);
        json.WriteNumber("active", endpoint.Active);
        json.WriteNumber("connections", endpoint.Connections);
        json.WriteNumber("weight", endpoint.Weight);
        json.WriteString("locality", endpoint.Locality);
        json.WriteNumber("priority", endpoint.Priority);
        json.WriteEndObject();
    }
}
