using System.Text;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Expressions.Attributes;

/// <summary>metadata: what filters have attached to the request, as <c>metadata.filter_metadata["namespace"]["key"]</c>.</summary>
internal static class MetadataAttributes
{
    public const string FieldName = "filter_metadata";

    private static readonly NamespacesMap s_namespaces = new();

    public static readonly AttributeGroup Group = new(new(StringComparer.Ordinal)
    {
        [FieldName] = static (in CelContext _) => CelValue.Of(s_namespaces),
    });

    /// <summary>Reads a value whose whole path is known when an expression is compiled.</summary>
    public static AttributeReader Reader(string @namespace, string[] path) =>
        (in CelContext context) => Of(context, context.Request.Info.DynamicMetadata.Find(@namespace, path));

    private static CelValue Of(in CelContext context, in MetadataValue value) => value.Kind switch
    {
        MetadataKind.None => CelErrors.NoSuchKey,
        MetadataKind.Null => CelValue.Null,
        MetadataKind.Bool => CelValue.Of(value.Bool),
        MetadataKind.Number => CelValue.Of(value.Number),
        MetadataKind.Text => context.Scratch.String(value.Text),
        _ => ProtoValues.Of(context, value.Tree!),
    };

    private sealed class NamespacesMap : CelMap
    {
        public override CelValue Find(in CelContext context, in CelValue key)
        {
            if (key.Kind != CelKind.String)
                return CelErrors.NoSuchKey;
            var name = Encoding.UTF8.GetString(key.Text);
            return context.Request.Info.DynamicMetadata.HasNamespace(name) ? CelValue.Of(new NamespaceMap(name)) : CelErrors.NoSuchKey;
        }

        public override int Count(in CelContext context) => context.Request.Info.DynamicMetadata.Namespaces().Count;

        public override CelValue[] Keys(in CelContext context) => [.. context.Request.Info.DynamicMetadata.Namespaces().Select(CelValue.String)];
    }

    private sealed class NamespaceMap(string @namespace) : CelMap
    {
        public override CelValue Find(in CelContext context, in CelValue key) => key.Kind == CelKind.String
            ? Of(context, context.Request.Info.DynamicMetadata.Find(@namespace, [Encoding.UTF8.GetString(key.Text)]))
            : CelErrors.NoSuchKey;

        public override int Count(in CelContext context) => Fields(context)?.Fields.Count ?? 0;

        public override CelValue[] Keys(in CelContext context) => [.. Fields(context)?.Fields.Keys.Select(CelValue.String) ?? []];

        private Google.Protobuf.WellKnownTypes.Struct? Fields(in CelContext context) => context.Request.Info.DynamicMetadata.ToStruct(@namespace);
    }
}
