using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Weft.Config.Rules;
using Weft.Config.Support;

namespace Weft.Config.Types;

/// <summary>What the binder, the checks and the printer need to know of a field. Immutable; safe for use from several threads.</summary>
internal sealed class FieldSchema
{
    private readonly Lazy<MessageSchema?> _message;
    private readonly Lazy<MessageSchema?> _valueMessage;
    private readonly Lazy<Declared> _declared;
    private readonly Lazy<Dictionary<int, EnumValueDescriptor>>? _deprecatedValues;
    private readonly bool _hasPresence;

    internal FieldSchema(FieldDescriptor descriptor)
    {
        Descriptor = descriptor;
        Name = descriptor.Name;
        IsMap = descriptor.IsMap;
        IsRepeated = descriptor.IsRepeated && !IsMap;
        Oneof = descriptor.RealContainingOneof;
        IsMessage = descriptor.FieldType is FieldType.Message or FieldType.Group;
        HoldsExtension = IsMessage && !IsMap && !IsRepeated && descriptor.MessageType.FullName is "google.protobuf.Any" or "envoy.config.core.v3.TypedExtensionConfig";
        _hasPresence = descriptor.HasPresence;
        _message = new Lazy<MessageSchema?>(() => IsMessage ? MessageSchema.Of(descriptor.MessageType) : null);
        _valueMessage = new Lazy<MessageSchema?>(() => IsMap ? MapValue(descriptor) : Message);
        _declared = new Lazy<Declared>(() => new Declared(descriptor));
        if (descriptor.FieldType == FieldType.Enum && !descriptor.IsRepeated) _deprecatedValues = new Lazy<Dictionary<int, EnumValueDescriptor>>(() => DeprecatedIn(descriptor.EnumType));
    }

    internal FieldDescriptor Descriptor { get; }

    /// <summary>The proto name, snake_case.</summary>
    internal string Name { get; }

    internal bool IsMap { get; }
    internal bool IsRepeated { get; }
    internal bool IsMessage { get; }

    /// <summary>True for a singular field whose message holds an extension.</summary>
    internal bool HoldsExtension { get; }

    /// <summary>The declared oneof it belongs to.</summary>
    internal OneofDescriptor? Oneof { get; }

    /// <summary>The type of a message field, of the elements of a repeated one, of the entries of a map.</summary>
    internal MessageSchema? Message => _message.Value;

    /// <summary>The type of a message, of the elements or of the map's values; null for scalars.</summary>
    internal MessageSchema? ValueMessage => _valueMessage.Value;

    /// <summary>The rules the API declares for it; null when there are none.</summary>
    internal DeclaredRules? Rules => _declared.Value.Rules;

    /// <summary>What the rules say of it when it is not set; null: nothing.</summary>
    internal string? FaultWhenUnset => _declared.Value.FaultWhenUnset;

    /// <summary>What Weft implements of it; null: nothing.</summary>
    internal FieldSupport? Support => _declared.Value.Support;

    internal bool IsDeprecated => _declared.Value.IsDeprecated;

    /// <summary>A value of a singular enum field, if it is deprecated.</summary>
    internal EnumValueDescriptor? FindDeprecatedValue(IMessage message)
        => _deprecatedValues is { Value: { Count: > 0 } values } ? values.GetValueOrDefault(Convert.ToInt32(Get(message), System.Globalization.CultureInfo.InvariantCulture)) : null;

    /// <summary>True when it must not be shown (private keys, passwords).</summary>
    internal bool IsSensitive => _declared.Value.IsSensitive;

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
        return _hasPresence ? Descriptor.Accessor.HasValue(message) : !IsDefault(Get(message));
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

    // Of several names for a number, the first one counts.
    private static Dictionary<int, EnumValueDescriptor> DeprecatedIn(EnumDescriptor type)
        => type.Values.DistinctBy(static value => value.Number).Where(static value => value.GetOptions()?.Deprecated == true).ToDictionary(static value => value.Number);

    /// <summary>What the API and Weft say of the field beside its type.</summary>
    private sealed class Declared
    {
        internal Declared(FieldDescriptor descriptor)
        {
            Support = MessageSchema.Of(descriptor.ContainingType).Support?.Find(descriptor.Name);
            if (descriptor.GetOptions() is not { } options) return;
            IsDeprecated = options.Deprecated;
            IsSensitive = options.GetExtension(Udpa.Annotations.SensitiveExtensions.Sensitive) || options.GetExtension(Xds.Annotations.V3.SensitiveExtensions.Sensitive);
            Rules = DeclaredRules.Of(descriptor, options);
            FaultWhenUnset = Rules?.FaultWhenUnset(descriptor);
        }

        internal FieldSupport? Support { get; }
        internal bool IsDeprecated { get; }
        internal bool IsSensitive { get; }
        internal DeclaredRules? Rules { get; }
        internal string? FaultWhenUnset { get; }
    }
}
