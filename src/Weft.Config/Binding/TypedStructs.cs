using Google.Protobuf.WellKnownTypes;
using Weft.Config.Syntax;

namespace Weft.Config.Binding;

/// <summary>The two forms of TypedStruct: a type URL with a free-form value, which stands for a message of that type.</summary>
internal static class TypedStructs
{
    internal static bool IsTypedStruct(string fullName) => fullName is "xds.type.v3.TypedStruct" or "udpa.type.v1.TypedStruct";

    internal static ScalarNode? UrlNode(MappingNode mapping)
        => (mapping.Find("type_url") ?? mapping.Find("typeUrl")) is ScalarNode { Text.Length: > 0 } url ? url : null;

    /// <summary>The parts of a TypedStruct that came as bytes.</summary>
    internal static (string TypeUrl, Struct Value) Parse(Any any)
    {
        // Both messages have the same fields and numbers.
        var parsed = Xds.Type.V3.TypedStruct.Parser.ParseFrom(any.Value);
        return (parsed.TypeUrl, parsed.Value ?? new Struct());
    }
}
