using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Api;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>Reads an Any that came as bytes, and remembers what was in it.</summary>
internal sealed class AnyParser(ConfigContext context)
{
    /// <summary>The message inside; null after reporting an unknown type or damaged bytes.</summary>
    internal IMessage? Parse(Any any)
    {
        if (ParseBytes(any) is not { } inner) return null;
        context.Origins.RecordInner(any, inner);
        return inner;
    }

    private IMessage? ParseBytes(Any any)
    {
        var name = ApiTypes.NameOf(any.TypeUrl);
        try
        {
            if (TypedStructs.IsTypedStruct(name)) return ParseTypedStruct(any);
            return Find(any, name) is { } type ? Parse(MessageSchema.Of(type), any.Value) : null;
        }
        catch (InvalidProtocolBufferException e)
        {
            context.Error(any, null, $"the bytes are no {name}: {e.Message}");
            return null;
        }
    }

    // Fields that the API does not have are hidden in a message: what shows them is that the known ones make fewer bytes than there were.
    private IMessage Parse(MessageSchema schema, ByteString bytes)
    {
        var message = ApiMessages.Parse(schema.Descriptor, bytes, dropsUnknown: true);
        if (message.CalculateSize() == bytes.Length) return message;
        context.Origins.MayHaveUnknownFields = true;
        return ApiMessages.Parse(schema.Descriptor, bytes);
    }

    private IMessage? ParseTypedStruct(Any any)
    {
        var (url, value) = TypedStructs.Parse(any);
        if (Find(any, ApiTypes.NameOf(url)) is not { } type) return null;
        var message = MessageSchema.Of(type).NewMessage();
        var path = context.Origins.FindPath(any) ?? FieldPath.Root;
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
