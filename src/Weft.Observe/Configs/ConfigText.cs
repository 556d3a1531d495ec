using System.Text.Json;
using Weft.Config.Printing;
using Weft.Observe.Proxies;

namespace Weft.Observe.Configs;

/// <summary>A resource as YAML, and what is noticed of it on the way.</summary>
internal sealed class ConfigText
{
    private readonly YamlWriter _yaml;
    private readonly HashSet<string> _addresses = new(StringComparer.Ordinal);

    private ConfigText(TextWriter output) => _yaml = new YamlWriter(output);

    /// <param name="resource">The resource. Its type, and the static resources of a bootstrap, are left out: they are told on their own.</param>
    /// <param name="sources">Gets to know where other resources come from.</param>
    public static (string Yaml, IReadOnlyList<string> Addresses) Of(JsonElement resource, ConfigSources sources)
    {
        using var output = new StringWriter();
        var text = new ConfigText(output);
        text.Write(resource, sources, isTop: true);
        return (output.ToString(), [.. text._addresses]);
    }

    private void Write(JsonElement value, ConfigSources sources, bool isTop = false)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, sources, isTop);
                break;
            case JsonValueKind.Array:
                _yaml.BeginList();
                foreach (var item in value.EnumerateArray())
                    Write(item, sources);
                _yaml.EndList();
                break;
            case JsonValueKind.String:
                WriteText(value.GetString() ?? "");
                break;
            default:
                _yaml.Bare(value.GetRawText());
                break;
        }
    }

    private void WriteObject(JsonElement value, ConfigSources sources, bool isTop)
    {
        if (value.TryGetProperty("address", out var host) && host.ValueKind == JsonValueKind.String && value.TryGetProperty("port_value", out var port) && port.ValueKind == JsonValueKind.Number)
            _addresses.Add(AddressText.OfSocket(value));
        sources.Visit(value);
        _yaml.BeginMapping();
        foreach (var member in value.EnumerateObject())
        {
            if (isTop && (member.NameEquals("@type") || member.NameEquals("static_resources")))
                continue;
            _yaml.Key(member.Name);
            Write(member.Value, sources);
        }

        _yaml.EndMapping();
    }

    /// <summary>Programs and certificates are read more easily line by line.</summary>
    private void WriteText(string text)
    {
        if (text.AsSpan().TrimEnd('\n').Contains('\n') && !text.AsSpan().ContainsAny("\r\t\"\\") && !text.StartsWith(' '))
            _yaml.Block(text);
        else
            _yaml.Text(text);
    }
}
