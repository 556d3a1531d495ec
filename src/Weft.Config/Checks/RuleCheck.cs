using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Weft.Config.Rules;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>Enforces the validation rules the API declares (validate.rules), in every message and through Anys.</summary>
internal sealed class RuleCheck(ConfigContext context) : MessageCheck(context)
{
    internal override bool EnterMessage(IMessage message, MessageSchema schema)
    {
        if (schema.RulesDisabled) return false;
        foreach (var field in schema.NeededFields)
            if (!field.IsSet(message)) Report(message, field.Name, field.FaultWhenUnset!);
        foreach (var oneof in schema.Oneofs)
            if (oneof.Required && oneof.SetIn(message) is null) ReportOneof(message, schema, oneof);
        return true;
    }

    internal override bool EnterField(IMessage message, FieldSchema field)
    {
        if (field.Rules is not { } rules) return true;
        CheckField(message, field, rules);
        return !rules.Skip && rules.Repeated?.Items?.Skip != true;
    }

    private void CheckField(IMessage message, FieldSchema field, DeclaredRules rules)
    {
        if (rules.Repeated is { } repeated) CheckList(message, field, repeated);
        else if (rules.Map is { } map) CheckMap(message, field, map);
        else if (rules.Value is not null && !field.IsRepeated && !field.IsMap && field.Get(message) is { } value) Test(message, field.Name, rules, value);
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

    private void ReportOneof(IMessage message, MessageSchema schema, OneofSchema oneof)
    {
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
