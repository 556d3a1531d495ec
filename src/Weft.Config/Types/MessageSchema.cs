using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Weft.Api;
using Weft.Config.Support;

namespace Weft.Config.Types;

/// <summary>How a message type is written as text; most are mappings, the well-known types have forms of their own.</summary>
internal enum MessageForm
{
    Fields,
    Any,
    Duration,
    Timestamp,
    FieldMask,
    Struct,
    Value,
    ListValue,
    Wrapper,
}

/// <summary>
/// What the binder, the checks and the printer need to know of a message type, worked out once per type when it is first met.
/// Immutable; safe for use from several threads.
/// </summary>
internal sealed class MessageSchema
{
    private static readonly ConcurrentDictionary<MessageDescriptor, MessageSchema> Known = new();

    private readonly Dictionary<string, FieldSchema> _byName = [];
    private readonly Lazy<bool> _rulesDisabled;
    private readonly Lazy<FieldSchema[]> _neededFields;
    private readonly Lazy<MessageSupport?> _support;
    private readonly FieldSchema[] _outsideOneofs;

    private MessageSchema(MessageDescriptor descriptor)
    {
        Descriptor = descriptor;
        Form = FormOf(descriptor.FullName);
        Fields = [.. descriptor.Fields.InDeclarationOrder().Select(static f => new FieldSchema(f))];
        FieldsByNumber = [.. Fields.OrderBy(static f => f.Descriptor.FieldNumber)];
        foreach (var field in Fields)
        {
            _byName[field.Name] = field;
            _byName[field.Descriptor.JsonName] = field;
        }

        Oneofs = [.. descriptor.Oneofs.Where(static o => !o.IsSynthetic).Select(o => new OneofSchema(o, Fields))];
        _outsideOneofs = Array.FindAll(Fields, static field => field.Oneof is null);
        _rulesDisabled = new Lazy<bool>(() => descriptor.GetOptions()?.GetExtension(Validate.ValidateExtensions.Disabled) ?? false);
        _neededFields = new Lazy<FieldSchema[]>(() => Array.FindAll(Fields, static field => field.FaultWhenUnset is not null));
        _support = new Lazy<MessageSupport?>(() => SupportTable.Default.Find(descriptor.FullName));
        ExtensionName = _byName.GetValueOrDefault("name") is { IsString: true } name ? name : null;
        TypedConfig = _byName.GetValueOrDefault("typed_config") is { IsAny: true, IsRepeated: false } config ? config : null;
    }

    internal MessageDescriptor Descriptor { get; }
    internal MessageForm Form { get; }
    internal FieldSchema[] Fields { get; }

    /// <summary>The order in which fields are printed.</summary>
    internal FieldSchema[] FieldsByNumber { get; }

    /// <summary>The fields that the rules of the API do not allow to be left out.</summary>
    internal FieldSchema[] NeededFields => _neededFields.Value;

    /// <summary>What Weft implements of it; null: nothing.</summary>
    internal MessageSupport? Support => _support.Value;

    internal OneofSchema[] Oneofs { get; }

    /// <summary>The names under which fields may be written, snake_case only.</summary>
    internal IEnumerable<string> FieldNames => Fields.Select(static f => f.Name);

    /// <summary>True when the type switches its declared rules off (validate.disabled).</summary>
    internal bool RulesDisabled => _rulesDisabled.Value;

    /// <summary>The <c>name</c> field of a message that holds an extension; null for other messages.</summary>
    internal FieldSchema? ExtensionName { get; }

    /// <summary>The <c>typed_config</c> field of a message that holds an extension; null for other messages.</summary>
    internal FieldSchema? TypedConfig { get; }

    internal static MessageSchema Of(MessageDescriptor descriptor)
        => Known.TryGetValue(descriptor, out var schema) ? schema : Known.GetOrAdd(descriptor, new MessageSchema(descriptor));

    internal static MessageSchema Of(IMessage message) => Of(message.Descriptor);

    /// <summary>The fields that are set in a message of this type, those of oneofs last.</summary>
    internal SetFields SetIn(IMessage message) => new(_outsideOneofs, Oneofs, message);

    /// <summary>A field by its proto name or its lowerCamelCase name.</summary>
    internal FieldSchema? FindField(string name) => _byName.GetValueOrDefault(name);

    internal IMessage NewMessage() => ApiMessages.New(Descriptor);

    private static MessageForm FormOf(string fullName) => fullName switch
    {
        "google.protobuf.Any" => MessageForm.Any,
        "google.protobuf.Duration" => MessageForm.Duration,
        "google.protobuf.Timestamp" => MessageForm.Timestamp,
        "google.protobuf.FieldMask" => MessageForm.FieldMask,
        "google.protobuf.Struct" => MessageForm.Struct,
        "google.protobuf.Value" => MessageForm.Value,
        "google.protobuf.ListValue" => MessageForm.ListValue,
        "google.protobuf.BoolValue" or "google.protobuf.StringValue" or "google.protobuf.BytesValue"
            or "google.protobuf.Int32Value" or "google.protobuf.Int64Value" or "google.protobuf.UInt32Value"
            or "google.protobuf.UInt64Value" or "google.protobuf.FloatValue" or "google.protobuf.DoubleValue" => MessageForm.Wrapper,
        _ => MessageForm.Fields,
    };
}

/// <summary>A oneof that was declared as such (not the hidden one of an optional field).</summary>
/// <param name="descriptor">Its descriptor.</param>
/// <param name="fields">All fields of its message.</param>
internal sealed class OneofSchema(OneofDescriptor descriptor, FieldSchema[] fields)
{
    private readonly FieldSchema[] _members = Array.FindAll(fields, field => field.Oneof == descriptor);

    internal OneofDescriptor Descriptor { get; } = descriptor;
    internal string Name => Descriptor.Name;

    /// <summary>True when one of its fields must be set.</summary>
    internal bool Required { get; } = descriptor.GetOptions()?.GetExtension(Validate.ValidateExtensions.Required) ?? false;

    /// <summary>The field of it that is set; null: none.</summary>
    internal FieldSchema? SetIn(IMessage message)
    {
        if (LateAccessors.AccessorOf(Descriptor).GetCaseFieldDescriptor(message) is not { } set) return null;
        foreach (var member in _members)
            if (member.Descriptor == set) return member;
        return null;
    }
}
