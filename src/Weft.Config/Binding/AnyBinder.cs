using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Syntax;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>Binds the fields of a message that stands in an Any.</summary>
internal delegate void InnerBinder(IMessage message, MessageSchema schema, MappingNode mapping, FieldPath path);

/// <summary>Binds an Any: the type is found by <c>@type</c>, the other keys are its fields. A TypedStruct is taken for what it holds.</summary>
internal sealed class AnyBinder(ConfigContext context, InnerBinder bindInner)
{
    internal const string TypeIsMissing = "@type is missing: it tells what the other fields are";

    /// <summary>The Any, or null after reporting what is wrong. An empty mapping gives an empty Any: the extension's name decides.</summary>
    internal Any? Read(Node node, FieldPath here)
    {
        if (node is not MappingNode mapping) return Fail(node.Position, here, $"expected a mapping with @type, found {node.Describe()}");
        if (mapping.Find("@type") is not { } typeNode)
            return mapping.Entries.Count == 0 ? new Any() : Fail(node.Position, here, TypeIsMissing);
        if (typeNode is not ScalarNode { Kind: ScalarKind.String } url) return Fail(typeNode.Position, here, $"expected a type URL, found {typeNode.Describe()}");
        if (url.Text.Length == 0) return Fail(url.Position, here, "@type must not be empty");
        foreach (var repeated in mapping.Entries.Where(static e => e.Key == "@type").SkipLast(1)) LastEntries.Warn(context, repeated, here.Field("@type"));

        if (Find(url, here) is not { } schema) return null;
        var message = schema.NewMessage();
        if (TypedStructs.IsTypedStruct(schema.Descriptor.FullName)) return ReadTypedStruct(message, schema, mapping, here);
        bindInner(message, schema, mapping, here);
        return Pack(message, message, url.Text);
    }

    private Any? ReadTypedStruct(IMessage wrapper, MessageSchema schema, MappingNode mapping, FieldPath here)
    {
        bindInner(wrapper, schema, mapping, here);
        if (TypedStructs.UrlNode(mapping) is not { } url) return Fail(mapping.Position, here, "type_url is missing: it tells what the value is");
        if (Find(url, here) is not { } valueSchema) return null;
        var message = valueSchema.NewMessage();
        var value = mapping.Find("value") as MappingNode ?? new MappingNode(mapping.Position);
        bindInner(message, valueSchema, value, here.Field("value"));
        return Pack(wrapper, message, ApiTypes.UrlOf(schema.Descriptor.FullName));
    }

    private Any Pack(IMessage packed, IMessage meant, string url)
    {
        // Envoy wants a slash; without one the name is clear too, but readers of the Any look for it.
        var any = new Any { TypeUrl = url.Contains('/') ? url : ApiTypes.UrlOf(url), Value = packed.ToByteString() };
        context.Origins.RecordInner(any, meant);
        return any;
    }

    private MessageSchema? Find(ScalarNode url, FieldPath here)
    {
        var name = ApiTypes.NameOf(url.Text);
        if (ApiTypes.Find(name) is { } type) return MessageSchema.Of(type);
        var (text, suggestion) = TypeFaults.Describe(name);
        Fail(url.Position, here, text, suggestion);
        return null;
    }

    private Any? Fail(SourcePosition position, FieldPath here, string text, string? suggestion = null)
    {
        context.Findings.Add(new Finding(Severity.Error, position, here.ToString(), text, suggestion));
        return null;
    }
}
