using System.Text.Json;
using Weft.Observe.Configs;
using Weft.Observe.Proxies;
using Weft.Observe.Serving;

namespace Weft.Observe.Api;

/// <summary>The search in the configurations of all proxies. Loop thread.</summary>
internal sealed class ConfigApi(Observer observer)
{
    private const int DefaultResources = 100;
    private const int MaxResources = 1000;

    /// <summary>Lines that are told of one resource.</summary>
    private const int MaxLines = 5;

    /// <summary>By <c>q</c>, <c>kind</c> and <c>address</c> (of a proxy). Has old configurations read again: who asks once more gets them.</summary>
    public HttpAnswer Search(HttpCall call)
    {
        observer.Configs.Refresh();
        var query = ConfigQuery.Parse(call.Query("q") ?? "");
        var (kind, address) = (call.Query("kind"), call.Query("address"));
        var limit = (int)Math.Clamp(call.Number("limit") ?? DefaultResources, 1, MaxResources);
        var found = observer.Proxies.All
            .Where(proxy => address is null || proxy.Address == address)
            .SelectMany(static proxy => (proxy.Config.Current?.Resources ?? []).Select(resource => (Proxy: proxy, Resource: resource)))
            .Where(one => (kind is null || one.Resource.Kind == kind) && query.Matches(one.Resource))
            .ToList();
        return JsonAnswer.Of(json =>
        {
            json.WriteStartObject();
            WriteProxies(json);
            WriteKinds(json);
            json.WriteNumber("total", found.Count);
            json.WriteStartArray("resources");
            foreach (var (proxy, resource) in found.Take(limit))
            {
                json.WriteStartObject();
                WriteHead(json, proxy, resource);
                WriteLines(json, query, resource);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>One resource whole, by <c>address</c>, <c>section</c> and <c>name</c>; while the configuration is being read only that.</summary>
    public HttpAnswer Resource(HttpCall call)
    {
        observer.Configs.Refresh();
        if (ProxyApi.Find(observer, call) is not { } proxy)
            return HttpAnswer.Text(404, "no such proxy is watched");
        if (proxy.Config is { Current: null, Error: "" })
        {
            return JsonAnswer.Of(static json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("reading", true);
                json.WriteEndObject();
            });
        }

        if (proxy.Config.Current?.Find(call.Query("section") ?? "", call.Query("name") ?? "") is not { } resource)
            return HttpAnswer.Text(404, proxy.Config.Error.Length > 0 ? proxy.Config.Error : "the proxy has no such resource");
        return JsonAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("reading", false);
            WriteHead(json, proxy, resource);
            json.WriteString("yaml", resource.Yaml);
            json.WriteEndObject();
        });
    }

    private void WriteProxies(Utf8JsonWriter json)
    {
        json.WriteStartArray("proxies");
        foreach (var proxy in observer.Proxies.All)
        {
            json.WriteStartObject();
            json.WriteString("address", proxy.Address);
            json.WriteString("name", ProxyApi.DisplayName(proxy));
            json.WriteBoolean("read", proxy.Config.Current is not null);
            json.WriteString("error", proxy.Config.Error);
            json.WriteNumber("left", proxy.Config.Current?.Left ?? 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteKinds(Utf8JsonWriter json)
    {
        json.WriteStartArray("kinds");
        foreach (var kind in observer.Proxies.All.SelectMany(static proxy => proxy.Config.Current?.Resources ?? []).Select(static resource => resource.Kind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            json.WriteStringValue(kind);
        json.WriteEndArray();
    }

    private static void WriteHead(Utf8JsonWriter json, WatchedProxy proxy, ConfigResource resource)
    {
        json.WriteString("address", proxy.Address);
        json.WriteString("proxy", ProxyApi.DisplayName(proxy));
        json.WriteString("kind", resource.Kind);
        json.WriteString("name", resource.Name);
        json.WriteString("section", resource.Section);
        json.WriteString("version", resource.Version);
        json.WriteString("updatedAt", resource.UpdatedAt);
        json.WriteString("source", resource.Source);
        json.WriteString("error", resource.Error);
    }

    private static void WriteLines(Utf8JsonWriter json, ConfigQuery query, ConfigResource resource)
    {
        json.WriteStartArray("lines");
        foreach (var line in query.IsEmpty ? [] : query.Lines(resource, MaxLines))
        {
            json.WriteStartObject();
            json.WriteNumber("number", line.Number);
            json.WriteString("text", line.Text);
            json.WriteString("path", line.Path);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
