using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/runtime</c>: the layers and, for every key, its value in each layer and the value in force, as JSON.</summary>
internal sealed class RuntimeEndpoint(RuntimeLayers runtime) : AdminEndpoint("/runtime", "print runtime values")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        var entries = new Struct();
        foreach (var (key, layerValues, final) in runtime.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            entries.Fields[key] = Value.ForStruct(new Struct
            {
                Fields = { ["final_value"] = Value.ForString(final), ["layer_values"] = List(layerValues) },
            });
        }
        AdminJson.Answer(response, withDefaults: true, message: new Struct
        {
            Fields = { ["entries"] = Value.ForStruct(entries), ["layers"] = List(runtime.LayerNames) },
        });
    }

    private static Value List(IEnumerable<string> texts) => Value.ForList([.. texts.Select(Value.ForString)]);
}
