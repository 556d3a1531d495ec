namespace Weft.Observe.Configs;

/// <summary>One resource of a proxy's configuration, as <c>/config_dump</c> shows it. Immutable.</summary>
/// <param name="Kind">The last part of its type: Listener, Cluster, RouteConfiguration, Secret ...</param>
/// <param name="Section">Where in the dump it stands, like <c>dynamic_active_clusters</c>; with the name it tells it from all others of its proxy.</param>
/// <param name="Version">As the management server called it; "" for what came with the bootstrap.</param>
/// <param name="UpdatedAt">When the proxy took it, as the dump writes it.</param>
/// <param name="Error">Why the proxy refused it; "" when it did not.</param>
/// <param name="Yaml">The whole of it.</param>
/// <param name="Addresses">IP:PORT of every address in it, which YAML writes in two lines.</param>
internal sealed record ConfigResource(string Kind, string Name, string Section, string Version, string UpdatedAt, string Error, string Yaml, IReadOnlyList<string> Addresses)
{
    /// <summary>Where the proxy has it from: its bootstrap, or the management server or file that the configuration names; "" when that is not known.</summary>
    public string Source { get; init; } = "";

    /// <summary>About how much memory it takes.</summary>
    public long EstimateBytes() => 300 + (2L * (Name.Length + Yaml.Length + Error.Length)) + (100L * Addresses.Count);
}

/// <summary>The configuration of a proxy. Immutable.</summary>
/// <param name="Left">Resources that are not kept: there was no room.</param>
internal sealed record ProxyConfig(IReadOnlyList<ConfigResource> Resources, int Left)
{
    /// <summary>About how much memory it takes.</summary>
    public long Bytes { get; } = Resources.Sum(static resource => resource.EstimateBytes());

    public ConfigResource? Find(string section, string name) => Resources.FirstOrDefault(resource => resource.Section == section && resource.Name == name);
}
