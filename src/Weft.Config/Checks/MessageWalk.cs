using System.Collections;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>
/// Walks once over a message and all that is set inside of it, through Anys too, with several checks. Works with messages that were bound
/// from text and with messages that came as bytes.
/// </summary>
/// <param name="context">Opens the Anys.</param>
/// <param name="checks">At most 32.</param>
internal sealed class MessageWalk(ConfigContext context, params MessageCheck[] checks)
{
    internal void Walk(IMessage root)
    {
        Walk(root, MessageSchema.Of(root), uint.MaxValue >> (32 - checks.Length));
        foreach (var check in checks) check.End();
    }

    /// <param name="active">A bit for each check that looks at it.</param>
    private void Walk(IMessage message, MessageSchema schema, uint active)
    {
        if (schema.Form == MessageForm.Any) WalkAny((Any)message, active);
        if (schema.Form != MessageForm.Fields) return;
        for (var i = 0; i < checks.Length; i++)
            if ((active & (1u << i)) != 0 && !checks[i].EnterMessage(message, schema)) active &= ~(1u << i);
        if (active == 0) return;
        foreach (var field in schema.SetIn(message)) WalkField(message, field, active);
    }

    private void WalkAny(Any any, uint active)
    {
        if (any.TypeUrl.Length == 0 || context.Unpack(any) is not { } inner) return;
        for (var i = 0; i < checks.Length; i++)
            if ((active & (1u << i)) != 0 && !checks[i].EnterAny(any, inner)) active &= ~(1u << i);
        if (active != 0) Walk(inner, MessageSchema.Of(inner), active);
    }

    private void WalkField(IMessage message, FieldSchema field, uint active)
    {
        for (var i = 0; i < checks.Length; i++)
            if ((active & (1u << i)) != 0 && !checks[i].EnterField(message, field)) active &= ~(1u << i);
        if (active == 0 || field.ValueMessage is not { Form: MessageForm.Fields or MessageForm.Any } inner) return;
        if (field.IsMap) WalkMap(field.Map(message), inner, active);
        else if (field.IsRepeated) WalkList(field.List(message), inner, active);
        else Walk((IMessage)field.Get(message)!, inner, active);
    }

    private void WalkList(IList list, MessageSchema schema, uint active)
    {
        for (var i = 0; i < list.Count; i++) Walk((IMessage)list[i]!, schema, active);
    }

    private void WalkMap(IDictionary map, MessageSchema schema, uint active)
    {
        foreach (DictionaryEntry entry in map) Walk((IMessage)entry.Value!, schema, active);
    }
}
