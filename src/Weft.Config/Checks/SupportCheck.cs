using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Binding;
using Weft.Config.Support;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>
/// Lists every set field and every extension that Weft does not implement: what changes what happens to traffic is an error (or a
/// warning, when allowed), what is harmless is noted once.
/// </summary>
internal sealed class SupportCheck(ReadOptions options, ConfigContext context, ExtensionTable extensions) : MessageCheck(context)
{
    private readonly HashSet<string> _noted = [];

    internal override bool EnterMessage(IMessage message, MessageSchema schema)
    {
        CheckExtensionName(message, schema);
        // A message that is not in the tables was refused at the field that holds it.
        return schema.Support is not null;
    }

    internal override bool EnterField(IMessage message, FieldSchema field)
    {
        // Whoever makes the extension says that it is left out.
        if (field.HoldsExtension && IsOptionalExtension(message, field)) return false;
        var (name, support) = (field.Name, field.Support);
        switch (support?.Status ?? SupportStatus.Refused)
        {
            case SupportStatus.Refused: return Refuse(message, name, "not implemented yet");
            case SupportStatus.Harmless: return Note(message, field);
        }

        if (support!.Values.Length > 0 && !Allows(support, message, field, out var value))
            return Refuse(message, name, $"{value} is not implemented yet; what is: {string.Join(", ", support.Values)}");
        return !IsUnknown(field) || Refuse(message, name, "not implemented yet");
    }

    internal override bool EnterAny(Any any, IMessage inner)
    {
        var type = inner.Descriptor.FullName;
        var isKnown = MessageSchema.Of(inner).Support is not null;
        if (extensions.ByType(type) is not { } extension)
            return isKnown || Refuse(any, null, $"the type {type} is not implemented yet");
        switch (extension.Status)
        {
            case SupportStatus.Implemented: return isKnown || Refuse(any, null, $"the type {type} is not implemented yet");
            case SupportStatus.Harmless:
                if (_noted.Add(extension.Name)) Context.Note(any, null, $"the extension {extension.Name} has no effect");
                return false;
            default: return Refuse(any, null, extension.Refusal);
        }
    }

    /// <summary>An extension that is not implemented, in a message that calls it optional (HttpFilter, FilterConfig, ClusterSpecifierPlugin).</summary>
    private bool IsOptionalExtension(IMessage message, FieldSchema field)
        => (field.Get(message) is TypedExtensionConfig extension ? extension.TypedConfig : field.Get(message)) is Any { TypeUrl.Length: > 0 } any
            && message.Descriptor.FindFieldByName("is_optional")?.Accessor.GetValue(message) is true
            && Context.Unpack(any) is { } inner
            && extensions.ByType(inner.Descriptor.FullName)?.Status != SupportStatus.Implemented;

    private bool IsUnknown(FieldSchema field)
        => field.ValueMessage is { Form: MessageForm.Fields, Support: null };

    // An extension without configuration: the name was no extension's, else its default would stand there by now.
    private void CheckExtensionName(IMessage message, MessageSchema schema)
    {
        if (schema.TypedConfig is not { Oneof: { } oneof } config || ExtensionTable.CategoryOf(schema.Descriptor.FullName) is not { } category) return;
        var isEmpty = oneof.Accessor.GetCaseFieldDescriptor(message) is null || config.Get(message) is Any { TypeUrl.Length: 0 };
        if (!isEmpty || Context.Origins.HasFailed(message, config.Name) || schema.ExtensionName!.Get(message) is not string { Length: > 0 } name) return;
        if (extensions.ByName(name, category) is { Status: SupportStatus.Implemented } known) Context.Error(message, "name", $"the extension {known.Name} needs a typed_config");
        else if (extensions.ByName(name, category) is { } refused) Refuse(message, "name", refused.Refusal);
        else Context.Error(message, "name", $"there is no extension {name} in {category}, and typed_config gives no type", Suggest(name, category));
    }

    // An old name may be what was meant, but the new one is what should be written.
    private string? Suggest(string name, string category)
        => Suggestion.For(name, extensions.AllNames(category)) is { } close ? extensions.ByName(close, category)!.Name : null;

    private static bool Allows(FieldSupport support, IMessage message, FieldSchema field, out string value)
    {
        value = "";
        var values = field.IsRepeated ? field.List(message).Cast<object>() : [field.Get(message)!];
        foreach (var one in values)
        {
            value = Show(field, one);
            if (!support.Values.Contains(value)) return false;
        }

        return true;
    }

    private static string Show(FieldSchema field, object value)
    {
        if (value is bool truth) return truth ? "true" : "false";
        if (field.Descriptor.FieldType != FieldType.Enum) return Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
        var number = Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture);
        return field.Descriptor.EnumType.FindValueByNumber(number)?.Name ?? $"{number}";
    }

    private bool Refuse(IMessage message, string? field, string text)
    {
        if (options.AllowUnimplemented) Context.Warning(message, field, $"{text}; it has no effect");
        else Context.Error(message, field, text);
        return false;
    }

    private bool Note(IMessage message, FieldSchema field)
    {
        if (_noted.Add(field.Descriptor.FullName)) Context.Note(message, field.Name, "accepted, without effect");
        return false;
    }
}
