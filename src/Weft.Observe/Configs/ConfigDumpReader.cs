using System.Text.Json;

namespace Weft.Observe.Configs;

/// <summary>
/// Reads <c>/config_dump</c>: every list in it holds entries, and an entry, or a state within it, holds a resource beside version and time. That is true of all
/// sections, also of those that are not known here.
/// </summary>
internal sealed class ConfigDumpReader
{
    private readonly List<ConfigResource> _resources = [];
    private readonly HashSet<(string, string)> _seen = [];
    private readonly ConfigSources _sources = new();
    private readonly long _maxBytes;
    private long _bytes;
    private int _left;

    private ConfigDumpReader(long maxBytes) => _maxBytes = maxBytes;

    /// <param name="bootstrapFile">Path of the bootstrap; "" when it has none.</param>
    /// <param name="maxBytes">Memory: resources beyond it are counted only.</param>
    /// <exception cref="BadInputException">It is no dump.</exception>
    public static ProxyConfig Read(ReadOnlyMemory<byte> answer, string bootstrapFile, long maxBytes)
    {
        using var document = JsonFields.Parse(answer);
        var reader = new ConfigDumpReader(maxBytes);
        foreach (var section in document.RootElement.List("configs"))
            reader.ReadSection(section, bootstrapFile);
        return new ProxyConfig([.. reader._resources.Select(resource => resource with { Source = reader._sources.Of(resource) })], reader._left);
    }

    private void ReadSection(JsonElement section, string bootstrapFile)
    {
        if (section.Field("bootstrap") is { } bootstrap)
        {
            if (bootstrap.ValueKind != JsonValueKind.Object)
                throw new BadInputException("bootstrap is no object");
            _sources.VisitBootstrap(bootstrap, bootstrapFile);
            Add("Bootstrap", "", "bootstrap", section, bootstrap, "");
            return;
        }

        foreach (var list in section.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Array))
        {
            foreach (var entry in list.Value.EnumerateArray().Where(static entry => entry.ValueKind == JsonValueKind.Object))
                ReadEntry(list.Name, entry);
        }
    }

    private void ReadEntry(string list, JsonElement entry)
    {
        // A resource that was refused is beside the one that is in use: its text is the reason.
        var error = entry.Field("error_state") is { } refused ? refused.Text("details") : "";
        ReadState(list, entry, entry, error);
        foreach (var state in entry.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Object && member.Name.EndsWith("_state", StringComparison.Ordinal)))
            ReadState($"{list}.{state.Name}", entry, state.Value, error);
    }

    private void ReadState(string section, JsonElement entry, JsonElement state, string error)
    {
        foreach (var member in state.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("@type", out _))
                Add(KindOf(member.Value), NameOf(member.Value) is { Length: > 0 } name ? name : entry.Text("name"), section, state, member.Value, error);
            else if (member.Value.ValueKind == JsonValueKind.Array && member.Name == "scoped_route_configs")
                AddScopes(section, state, member.Value, error);
        }
    }

    private void AddScopes(string section, JsonElement state, JsonElement scopes, string error)
    {
        foreach (var scope in scopes.EnumerateArray())
            Add(KindOf(scope), NameOf(scope), section, state, scope, error);
    }

    private void Add(string kind, string name, string section, JsonElement about, JsonElement value, string error)
    {
        if (_bytes >= _maxBytes)
        {
            _left++;
            return;
        }

        var (yaml, addresses) = ConfigText.Of(value, _sources);
        // A name that stands twice in a section could not be asked for.
        for (var again = 2; !_seen.Add((section, name)); again++)
            name = again == 2 ? $"{name} #2" : $"{name[..name.LastIndexOf('#')]}#{again}";
        var resource = new ConfigResource(kind, name, section, about.Text("version_info"), about.Text("last_updated"), error, yaml, addresses);
        _bytes += resource.EstimateBytes();
        _resources.Add(resource);
    }

    /// <summary>The last part of the type; of one within a message of discovery, that one's.</summary>
    private static string KindOf(JsonElement resource)
    {
        var type = resource.Text("@type");
        return type[(type.LastIndexOfAny(['.', '/']) + 1)..];
    }

    private static string NameOf(JsonElement resource) => resource.Text("name") is { Length: > 0 } name ? name : resource.Text("cluster_name");
}
