using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Proxy.Streams;
using RuleMessage = Envoy.Extensions.Filters.Http.JsonToMetadata.V3.JsonToMetadata.Types.Rule;
using TargetMessage = Envoy.Extensions.Filters.Http.JsonToMetadata.V3.JsonToMetadata.Types.KeyValuePair;
using ValueType = Envoy.Extensions.Filters.Http.JsonToMetadata.V3.JsonToMetadata.Types.ValueType;

namespace Weft.Proxy.HttpFilters.JsonToMetadata;

/// <summary>One rule: which value of a JSON body becomes which value of metadata. Immutable; any thread.</summary>
internal sealed class JsonRule
{
    private const int MaxTextLength = 8 * 1024;
    private const string DefaultNamespace = "envoy.filters.http.json_to_metadata";

    private readonly string[] _path;
    private readonly TargetMessage? _present;
    private readonly TargetMessage? _missing;
    private readonly TargetMessage? _error;

    private JsonRule(RuleMessage config)
    {
        _path = [.. config.Selectors.Select(static selector => selector.Key)];
        (_present, _missing, _error) = (config.OnPresent, config.OnMissing, config.OnError);
    }

    /// <summary>What makes no sense is reported.</summary>
    public static JsonRule Create(RuleMessage config, ConfigContext context)
    {
        if (config.OnPresent is null && config.OnMissing is null)
            context.Error(config, null, "json to metadata filter: neither `on_present` nor `on_missing` set");
        if (config.OnMissing is { Value: null })
            context.Error(config, "on_missing", "json to metadata filter: cannot specify on_missing rule with empty value");
        if (config.OnError is { Value: null })
            context.Error(config, "on_error", "json to metadata filter: cannot specify on_error rule with empty value");
        return new JsonRule(config);
    }

    /// <summary>Sets what the body says; true when something has been set.</summary>
    public bool Apply(Struct body, DynamicMetadata metadata)
    {
        if (Find(body) is not { } value) return OnMissing(metadata);
        if (_present is null) return false;
        if (_present.Value is not null) return Set(_present, _present.Value, metadata);
        if (Convert(value, _present.Type) is not { } converted) return OnMissing(metadata);
        return converted is not { HasStringValue: true, StringValue.Length: 0 } && Set(_present, converted, metadata);
    }

    /// <summary>There is no value, or none of the type that is asked for.</summary>
    public bool OnMissing(DynamicMetadata metadata) => _missing is not null && Set(_missing, _missing.Value, metadata);

    /// <summary>The body is no JSON, or of another type.</summary>
    public bool OnError(DynamicMetadata metadata) => _error is not null && Set(_error, _error.Value, metadata);

    private Value? Find(Struct body)
    {
        Value? value = null;
        Struct? fields = body;
        foreach (var key in _path)
        {
            if (fields is null || !fields.Fields.TryGetValue(key, out value)) return null;
            fields = value.StructValue;
        }

        return value;
    }

    /// <summary>Null: it cannot be, or is too long.</summary>
    private static Value? Convert(Value value, ValueType type)
    {
        if (value.KindCase is not (Value.KindOneofCase.BoolValue or Value.KindOneofCase.NumberValue or Value.KindOneofCase.StringValue)) return null;
        if (value.HasStringValue && value.StringValue.Length > MaxTextLength) return null;
        return type switch
        {
            ValueType.String => Value.ForString(TextOf(value)),
            ValueType.Number => NumberOf(value) is { } number ? Value.ForNumber(number) : null,
            _ => value,
        };
    }

    private static string TextOf(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        _ => value.NumberValue.ToString(double.IsInteger(value.NumberValue) ? "F0" : "F6", CultureInfo.InvariantCulture),
    };

    private static double? NumberOf(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.NumberValue => value.NumberValue,
        Value.KindOneofCase.BoolValue => value.BoolValue ? 1 : 0,
        _ => double.TryParse(value.StringValue, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
    };

    private static bool Set(TargetMessage target, Value value, DynamicMetadata metadata)
    {
        var space = target.MetadataNamespace.Length > 0 ? target.MetadataNamespace : DefaultNamespace;
        if (target.PreserveExistingMetadataValue && metadata.Find(space, [target.Key]).Kind != MetadataKind.None) return false;
        metadata.Set(space, target.Key, value);
        return true;
    }
}
