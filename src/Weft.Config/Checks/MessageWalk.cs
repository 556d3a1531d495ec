using System.Collections;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>
/// Walks over a message and all that is set inside of it, through Anys too, with the path. Works with messages that were bound from text
/// and with messages that came as bytes.
/// </summary>
internal abstract class MessageWalk(ConfigContext context)
{
    /// <summary>Where the findings go.</summary>
    protected ConfigContext Context { get; } = context;

    /// <summary>Walks over a message and what is inside.</summary>
    internal void Walk(IMessage message, FieldPath path)
    {
        var schema = MessageSchema.Of(message);
        if (schema.Form == MessageForm.Any) WalkAny((Any)message, path);
        if (schema.Form != MessageForm.Fields || !EnterMessage(message, schema, path)) return;
        foreach (var field in Context.Origins.SetFields(message) ?? schema.SetIn(message))
        {
            if (EnterField(message, field, path)) WalkField(message, field, path);
        }
    }

    /// <summary>Called for each message; false leaves out what is inside of it.</summary>
    protected abstract bool EnterMessage(IMessage message, MessageSchema schema, FieldPath path);

    /// <summary>Called for each field that is set; false leaves out what is inside of it.</summary>
    protected virtual bool EnterField(IMessage message, FieldSchema field, FieldPath path) => true;

    /// <summary>Called for the message of an Any; false leaves it out.</summary>
    protected virtual bool EnterAny(Any any, IMessage inner, FieldPath path) => true;

    private void WalkAny(Any any, FieldPath path)
    {
        // It needs its path before it is opened, for what may be wrong in it.
        Context.Origins.Record(any, path, null);
        if (any.TypeUrl.Length > 0 && Context.Unpack(any) is { } inner && EnterAny(any, inner, path)) Walk(inner, path);
    }

    private void WalkField(IMessage message, FieldSchema field, FieldPath path)
    {
        if (field.IsMap) WalkMap(message, field, path);
        else if (!field.IsMessage || !IsWalked(field.Message!)) return;
        else if (field.IsRepeated) WalkList(field.List(message), field, path);
        else Walk((IMessage)field.Get(message)!, path.Field(field.Name));
    }

    private void WalkList(IList list, FieldSchema field, FieldPath path)
    {
        for (var i = 0; i < list.Count; i++) Walk((IMessage)list[i]!, path.Element(field.Name, i));
    }

    private void WalkMap(IMessage message, FieldSchema field, FieldPath path)
    {
        foreach (DictionaryEntry entry in field.Map(message))
            if (entry.Value is IMessage value) Walk(value, path.Entry(field.Name, $"{entry.Key}"));
    }

    private static bool IsWalked(MessageSchema schema) => schema.Form is MessageForm.Fields or MessageForm.Any;
}
