using System.Text.Json;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/runtime</c>: the layers and, for every key, its value in each layer and the value in force, as JSON.</summary>
internal sealed class RuntimeEndpoint(RuntimeLayers runtime) : AdminEndpoint("/runtime", "print runtime values")
{
    public override void Handle(AdminRequest request, AdminResponse response) => AdminJson.Answer(response, Write);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("entries");
        foreach (var (key, layerValues, final) in runtime.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(key);
            json.WriteString("final_value", final);
            WriteList(json, "layer_values", layerValues);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        WriteList(json, "layers", runtime.LayerNames);
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
