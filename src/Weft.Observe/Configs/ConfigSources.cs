using System.Text.Json;

namespace Weft.Observe.Configs;

/// <summary>
/// Where discovered resources come from: collected from what a configuration says, wherever in it that stands, of the sources of its clusters, listeners, routes,
/// endpoints, secrets and extensions. One thread.
/// </summary>
internal sealed class ConfigSources
{
    private readonly Dictionary<(string Kind, string Name), string> _named = [];
    private string _bootstrap = "the bootstrap";
    private string _clusters = "";
    private string _listeners = "";
    private string _aggregated = "ADS";

    /// <summary>Looks at one object of the configuration.</summary>
    public void Visit(JsonElement value)
    {
        if (Part(value, "config_source") is { } routes && Name(value, "route_config_name") is { } table)
            _named[("RouteConfiguration", table)] = Text(routes);
        if (Part(value, "eds_cluster_config") is { } discovery && Part(discovery, "eds_config") is { } endpoints && (Name(discovery, "service_name") ?? Name(value, "name")) is { } service)
            _named[("ClusterLoadAssignment", service)] = Text(endpoints);
        if (Name(value, "name") is not { } name)
            return;
        if (Part(value, "sds_config") is { } secret)
            _named[("Secret", name)] = Text(secret);
        if (Part(value, "config_discovery") is { } discovered && Part(discovered, "config_source") is { } extension)
            _named[("TypedExtensionConfig", name)] = Text(extension);
    }

    /// <summary>Looks at the bootstrap itself.</summary>
    /// <param name="file">Its path; "" when it has none.</param>
    public void VisitBootstrap(JsonElement bootstrap, string file)
    {
        if (file.Length > 0)
            _bootstrap = "the bootstrap " + file;
        if (Part(bootstrap, "dynamic_resources") is not { } dynamic)
            return;
        if (Part(dynamic, "ads_config") is { } ads)
            _aggregated = "ADS" + Servers(ads);
        _clusters = Part(dynamic, "cds_config") is { } clusters ? Text(clusters) : "";
        _listeners = Part(dynamic, "lds_config") is { } listeners ? Text(listeners) : "";
    }

    /// <summary>To be asked when all has been looked at.</summary>
    public string Of(ConfigResource resource)
    {
        if (!resource.Section.StartsWith("dynamic_", StringComparison.Ordinal) && resource.Section != "ecds_filters")
            return _bootstrap;
        return resource.Kind switch
        {
            "Cluster" => _clusters,
            "Listener" => _listeners,
            _ => _named.GetValueOrDefault((resource.Kind, resource.Name), ""),
        };
    }

    /// <param name="source">An <c>envoy.config.core.v3.ConfigSource</c>.</param>
    private string Text(JsonElement source)
    {
        if (Part(source, "ads") is not null)
            return _aggregated;
        if (Part(source, "path_config_source") is { } file)
            return "the file " + Name(file, "path");
        if (Name(source, "path") is { } path)
            return "the file " + path;
        if (Part(source, "api_config_source") is { } server)
            return Name(server, "api_type") + Servers(server);
        return Part(source, "self") is not null ? "the server that the resource around it came from" : "";
    }

    /// <param name="api">An <c>envoy.config.core.v3.ApiConfigSource</c>.</param>
    private static string Servers(JsonElement api)
    {
        var names = Items(api, "cluster_names").Where(static name => name.ValueKind == JsonValueKind.String).Select(static name => name.GetString())
            .Concat(Items(api, "grpc_services").Where(static service => service.ValueKind == JsonValueKind.Object).Select(static service =>
                Part(service, "envoy_grpc") is { } envoy ? Name(envoy, "cluster_name") : Part(service, "google_grpc") is { } google ? Name(google, "target_uri") : null));
        var text = string.Join(", ", names.Where(static name => name is { Length: > 0 }));
        return text.Length > 0 ? " of " + text : "";
    }

    // Metadata may hold anything under the same names: what is of another kind than it should be is not what is looked for.

    private static JsonElement? Part(JsonElement value, string name) => value.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.Object ? part : null;

    private static string? Name(JsonElement value, string name) => value.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.String && part.GetString() is { Length: > 0 } text ? text : null;

    private static IEnumerable<JsonElement> Items(JsonElement value, string name) => value.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.Array ? part.EnumerateArray() : [];
}
