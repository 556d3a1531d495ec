using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Weft.Config.Rules;

namespace Weft.Config.Types;

/// <summary>What the binder, the checks and the printer need to know of a field. Immutable; safe for use from several threads.</summary>
internal sealed class FieldSchema
{
    private readonly Lazy<MessageSchema?> _message;
    private readonly Lazy<MessageSchema?> _valueMessage;
    private readonly Lazy<DeclaredRules?> _rules;
    private readonly Lazy<(bool Deprecated, bool Sensitive)> _options;

    internal FieldSchema(FieldDescriptor descriptor)
    {
        Descriptor = descriptor;
        Name = descriptor.Name;
        IsMap = descriptor.IsMap;
        IsRepeated = descriptor.IsRepeated && !IsMap;
        Oneof = descriptor.RealContainingOneof;
        IsMessage = descriptor.FieldType is FieldType.Message or FieldType.Group;
        _message = new Lazy<MessageSchema?>(() => IsMessage ? MessageSchema.Of(descriptor.MessageType) : null);
        _valueMessage = new Lazy<MessageSchema?>(() => IsMap ? MapValue(descriptor) : Message);
        _rules = new Lazy<DeclaredRules?>(() => DeclaredRules.Of(descriptor));
        _options = new Lazy<(bool, bool)>(ReadOptions);
    }

    internal FieldDescriptor Descriptor { get; }

    /// <summary>The proto name, snake_case.</summary>
    internal string Name { get; }

    internal bool IsMap { get; }
    internal bool IsRepeated { get; }
    internal bool IsMessage { get; }

    /// <summary>The declared oneof it belongs to.</summary>
    internal OneofDescriptor? Oneof { get; }

    /// <summary>The type of a message field, of the elements of a repeated one, of the entries of a map.</summary>
    internal MessageSchema? Message => _message.Value;

    /// <summary>The type of a message, of the elements or of the map's values; null for scalars.</summary>
    internal MessageSchema? ValueMessage => _valueMessage.Value;

    /// <summary>The rules the API declares for it; null when there are none.</summary>
    internal DeclaredRules? Rules => _rules.Value;

    internal bool IsDeprecated => _options.Value.Deprecated;

    /// <summary>True when it must not be shown (private keys, passwords).</summary>
    internal bool IsSensitive => _options.Value.Sensitive;

    internal bool IsString => Descriptor.FieldType == FieldType.String && !IsRepeated;
    internal bool IsAny => IsMessage && Descriptor.MessageType.FullName == "google.protobuf.Any";

    internal object? Get(IMessage message) => Descriptor.Accessor.GetValue(message);

    internal void Set(IMessage message, object value) => Descriptor.Accessor.SetValue(message, value);

    internal IList List(IMessage message) => (IList)Descriptor.Accessor.GetValue(message);

    internal IDictionary Map(IMessage message) => (IDictionary)Descriptor.Accessor.GetValue(message);

    /// <summary>True when the field holds something: it is present, or (without presence) not the default, or not empty.</summary>
    internal bool IsSet(IMessage message)
    {
        if (IsMap) return Map(message).Count > 0;
        if (IsRepeated) return List(message).Count > 0;
        return Descriptor.HasPresence ? Descriptor.Accessor.HasValue(message) : !IsDefault(Get(message));
    }

    /// <summary>True for the value an unset field without presence has.</summary>
    internal static bool IsDefault(object? value) => value switch
    {
        null => true,
        string text => text.Length == 0,
        bool truth => !truth,
        ByteString bytes => bytes.IsEmpty,
        double number => number == 0,
        float number => number == 0,
        int number => number == 0,
        uint number => number == 0,
        long number => number == 0,
        ulong number => number == 0,
        System.Enum number => Convert.ToInt32(number, System.Globalization.CultureInfo.InvariantCulture) == 0,
        _ => false,
    };

    private static MessageSchema? MapValue(FieldDescriptor map)
        => map.MessageType.FindFieldByNumber(2) is { FieldType: FieldType.Message } value ? MessageSchema.Of(value.MessageType) : null;

    private (bool Deprecated, bool Sensitive) ReadOptions()
    {
        var options = Descriptor.GetOptions();
        if (options is null) return default;
        var sensitive = options.GetExtension(Udpa.Annotations.SensitiveExtensions.Sensitive)
            || options.GetExtension(Xds.Annotations.V3.SensitiveExtensions.Sensitive);
        return (options.Deprecated, sensitive);
    }
}
