using System.Collections;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Types;

namespace Weft.Config.Binding;

/// <summary>Gives a path to every message of a tree that came as bytes, through the Anys that have been opened.</summary>
internal static class OriginWalk
{
    internal static void Record(MessageOrigins origins, IMessage message, FieldPath path)
    {
        origins.Record(message, path, null);
        var schema = MessageSchema.Of(message);
        if (message is Any any && origins.Inner(any) is { } inner) Record(origins, inner, path);
        if (schema.Form != MessageForm.Fields) return;
        foreach (var field in schema.SetIn(message))
        {
            if (field.ValueMessage is not { Form: MessageForm.Fields or MessageForm.Any }) continue;
            if (field.IsMap) RecordMap(origins, field.Map(message), field, path);
            else if (field.IsRepeated) RecordList(origins, field.List(message), field, path);
            else Record(origins, (IMessage)field.Get(message)!, path.Field(field.Name));
        }
    }

    private static void RecordList(MessageOrigins origins, IList list, FieldSchema field, FieldPath path)
    {
        for (var i = 0; i < list.Count; i++) Record(origins, (IMessage)list[i]!, path.Element(field.Name, i));
    }

    private static void RecordMap(MessageOrigins origins, IDictionary map, FieldSchema field, FieldPath path)
    {
        foreach (DictionaryEntry entry in map) Record(origins, (IMessage)entry.Value!, path.Entry(field.Name, $"{entry.Key}"));
    }
}
