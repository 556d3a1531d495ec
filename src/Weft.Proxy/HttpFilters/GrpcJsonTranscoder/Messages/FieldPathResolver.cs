using Google.Protobuf.Reflection;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>Fields within messages by names with dots between them.</summary>
internal static class FieldPathResolver
{
    /// <summary>The fields on the way, all but the last of them messages; null with an error when there is no such field.</summary>
    public static FieldDescriptor[]? Resolve(MessageTypes types, MessageDescriptor type, string path, out string error)
    {
        error = "";
        var fields = new List<FieldDescriptor>();
        var current = type;
        foreach (var name in path.Split('.'))
        {
            if (current is null)
            {
                error = $"Field \"{fields[^1].Name}\" of the path \"{path}\" is not a message.";
                return null;
            }

            if (types.FindField(current, name) is not { } field)
            {
                error = $"Could not find field \"{name}\" in the type \"{current.FullName}\".";
                return null;
            }

            fields.Add(field);
            current = field is { FieldType: FieldType.Message, IsMap: false, IsRepeated: false } ? field.MessageType : null;
        }

        return [.. fields];
    }
}
