using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Weft.Config.Rules;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>Enforces the validation rules the API declares (validate.rules), in every message and through Anys.</summary>
internal sealed class RuleCheck(ConfigContext context) : MessageWalk(context)
{
    protected override bool EnterMessage(IMessage message, MessageSchema schema, FieldPath path)
    {
        if (schema.RulesDisabled) return false;
        foreach (var field in schema.RuledFields) CheckField(message, field, field.Rules!);
        foreach (var oneof in schema.Oneofs)
            if (oneof.Required) CheckOneof(message, schema, oneof);
        return true;
    }

    protected override bool EnterField(IMessage message, FieldSchema field, FieldPath path)
        => field.Rules?.Skip != true && field.Rules?.Repeated?.Items?.Skip != true;

    private void CheckField(IMessage message, FieldSchema field, DeclaredRules rules)
    {
        if (rules.Repeated is { } repeated) CheckList(message, field, repeated);
        else if (rules.Map is { } map) CheckMap(message, field, map);
        else if (!field.IsRepeated && !field.IsMap) CheckValue(message, field, rules);
    }

    private void CheckValue(IMessage message, FieldSchema field, DeclaredRules rules)
    {
        if (field.Descriptor.HasPresence && !field.IsSet(message))
        {
            // An unset member of a oneof is no fault of its own: the oneof may be required.
            if (rules.Required && field.Oneof is null) Report(message, field.Name, "value is required");
            return;
        }

        if (field.Get(message) is { } value) Test(message, field.Name, rules, value);
    }

    private void CheckList(IMessage message, FieldSchema field, RepeatedRule rule)
    {
        var list = field.List(message);
        if (rule.Check(list) is { } wrong) Report(message, field.Name, wrong);
        if (rule.Items is null) return;
        for (var i = 0; i < list.Count; i++)
            if (list[i] is { } item) Test(message, $"{field.Name}[{i.ToString(CultureInfo.InvariantCulture)}]", rule.Items, item);
    }

    private void CheckMap(IMessage message, FieldSchema field, MapRule rule)
    {
        var map = field.Map(message);
        if (rule.Check(map) is { } wrong) Report(message, field.Name, wrong);
        foreach (DictionaryEntry entry in map)
        {
            if (rule.Keys is not null) Test(message, $"{field.Name}[\"{entry.Key}\"]", rule.Keys, entry.Key);
            if (rule.Values is not null && entry.Value is { } value) Test(message, $"{field.Name}[\"{entry.Key}\"]", rule.Values, value);
        }
    }

    private void CheckOneof(IMessage message, MessageSchema schema, OneofSchema oneof)
    {
        if (oneof.Descriptor.Accessor.GetCaseFieldDescriptor(message) is not null) return;
        var fields = schema.Fields.Where(f => f.Oneof == oneof.Descriptor).Select(static f => f.Name).ToList();
        if (fields.Exists(f => Context.Origins.HasFailed(message, f))) return;
        Report(message, null, fields.Count == 1 ? $"{fields[0]} is required" : $"{oneof.Name} is required: one of {string.Join(", ", fields)}");
    }

    private void Test(IMessage message, string field, DeclaredRules rules, object value)
    {
        if (rules.Value is null || (rules.IgnoreEmpty && FieldSchema.IsDefault(value))) return;
        if (rules.Value(value) is { } wrong) Report(message, field, wrong);
    }

    private void Report(IMessage message, string? field, string text)
    {
        // A value that could not be read has been reported already.
        if (field is null || !Context.Origins.HasFailed(message, field)) Context.Error(message, field, text);
    }
}
