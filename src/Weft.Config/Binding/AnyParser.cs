using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>Reads an Any that came as bytes, and remembers what was in it.</summary>
internal sealed class AnyParser(ConfigContext context)
{
    /// <summary>The message inside; null after reporting an unknown type or damaged bytes.</summary>
    internal IMessage? Parse(Any any)
    {
        var path = context.Origins.FindPath(any) ?? FieldPath.Root;
        if (Parse(any, path) is not { } inner) return null;
        context.Origins.Record(inner, path, context.Origins.PositionOf(any));
        context.Origins.RecordInner(any, inner);
        return inner;
    }

    private IMessage? Parse(Any any, FieldPath path)
    {
        var name = ApiTypes.NameOf(any.TypeUrl);
        try
        {
            if (TypedStructs.IsTypedStruct(name)) return ParseTypedStruct(any, path);
            return Find(any, name)?.Parser.ParseFrom(any.Value);
        }
        catch (InvalidProtocolBufferException e)
        {
            context.Error(any, null, $"the bytes are no {name}: {e.Message}");
            return null;
        }
    }

    private IMessage? ParseTypedStruct(Any any, FieldPath path)
    {
        var (url, value) = TypedStructs.Parse(any);
        if (Find(any, ApiTypes.NameOf(url)) is not { } type) return null;
        var message = MessageSchema.Of(type).NewMessage();
        var position = context.Origins.PositionOf(any) ?? default;
        new Binder(new ReadOptions(), context, overlay: false).Bind(message, StructReader.ToNode(value, position), path.Field("value"));
        return message;
    }

    private Google.Protobuf.Reflection.MessageDescriptor? Find(Any any, string name)
    {
        if (ApiTypes.Find(name) is { } type) return type;
        var (text, suggestion) = TypeFaults.Describe(name);
        context.Error(any, null, text, suggestion);
        return null;
    }
}
