using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Api;

namespace Weft.Proxy.Admin;

/// <summary>Applies the <c>mask</c> of <c>/config_dump</c>: field paths in snake_case, separated by commas.</summary>
internal static class ConfigDumpMask
{
    /// <summary>A copy with only the masked fields; null when the mask does not fit the message.</summary>
    public static IMessage? Trim(IMessage message, string mask) => Trim(message, Paths(mask));

    /// <summary>Like <see cref="Trim(IMessage, string)"/>, but a path may go on inside the Any that holds the resource: <c>cluster.name</c>.</summary>
    public static IMessage? TrimResource(IMessage message, string mask)
    {
        var outer = new List<string>();
        var inner = new List<string>();
        string? anyName = null;
        foreach (var path in Paths(mask))
        {
            var dot = path.IndexOf('.', StringComparison.Ordinal);
            var first = dot < 0 ? path : path[..dot];
            if (dot > 0 && IsAny(message, first))
            {
                anyName = first;
                outer.Add(first);
                inner.Add(path[(dot + 1)..]);
            }
            else
                outer.Add(path);
        }
        if (Trim(message, outer) is not { } trimmed)
            return null;
        return anyName is null || TrimInside(trimmed, anyName, inner) ? trimmed : null;
    }

    /// <summary>The mask as protobuf's debug text shows it.</summary>
    public static string DebugText(string mask) => string.Concat(Paths(mask).Select(path => $"paths: \"{path}\"\n"));

    private static List<string> Paths(string mask) => [.. mask.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static bool IsAny(IMessage message, string field) =>
        message.Descriptor.FindFieldByName(field) is { IsRepeated: false, FieldType: Google.Protobuf.Reflection.FieldType.Message } found
        && found.MessageType.FullName == Any.Descriptor.FullName;

    private static IMessage? Trim(IMessage message, List<string> paths)
    {
        var mask = new FieldMask { Paths = { paths } };
        if (!FieldMask.IsValid(message.Descriptor, mask))
            return null;
        var result = ApiMessages.New(message.Descriptor);
        mask.Merge(message, result);
        return result;
    }

    private static bool TrimInside(IMessage message, string field, List<string> paths)
    {
        var accessor = message.Descriptor.FindFieldByName(field).Accessor;
        if (accessor.GetValue(message) is not Any any)
            return true;
        if (AnyTypes.Unpack(any) is not { } content || Trim(content, paths) is not { } trimmed)
            return false;
        accessor.SetValue(message, Any.Pack(trimmed));
        return true;
    }
}
