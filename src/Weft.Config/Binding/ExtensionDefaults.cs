using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Api;
using Weft.Config.Support;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>
/// A message that holds an extension may give only its name: <c>- name: envoy.filters.http.router</c>, or with an empty
/// <c>typed_config</c>. Then the name stands for the default configuration of that extension, and this puts it in.
/// </summary>
internal static class ExtensionDefaults
{
    internal static void Fill(IMessage message, MessageSchema schema, MessageOrigins origins)
    {
        if (schema.TypedConfig is not { } field || schema.ExtensionName?.Get(message) is not string { Length: > 0 } name) return;
        var written = field.Get(message) as Any;
        if (written?.TypeUrl.Length > 0 || (written is null && !CanBeLeftOut(message, field))) return;
        if (DefaultOf(name, schema.Descriptor.FullName) is not { } type) return;

        var inner = MessageSchema.Of(type).NewMessage();
        var any = written ?? new Any();
        any.TypeUrl = ApiTypes.UrlOf(type.FullName);
        field.Set(message, any);
        origins.RecordField(message, field.Name, any);
        origins.RecordInner(any, inner);
    }

    // Another way to configure it (config_discovery) has been chosen, or the API asks for a configuration.
    private static bool CanBeLeftOut(IMessage message, FieldSchema field)
        => field.Rules is not { Required: true } && (field.Oneof is null || LateAccessors.AccessorOf(field.Oneof).GetCaseFieldDescriptor(message) is null);

    private static Google.Protobuf.Reflection.MessageDescriptor? DefaultOf(string name, string holder)
        => ExtensionTable.Default.ByName(name, ExtensionTable.CategoryOf(holder)) is { DefaultType: { } type } ? ApiTypes.Find(type) : null;
}
