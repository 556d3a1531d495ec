using Google.Protobuf;
using Weft.Config.Binding;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>
/// Gives a path to every message that has none, because it did not come from text, and the default configuration to extensions that
/// give only their name.
/// </summary>
internal sealed class OriginWalk(ConfigContext context) : MessageWalk(context)
{
    protected override bool EnterMessage(IMessage message, MessageSchema schema, FieldPath path)
    {
        var position = Context.Origins.PositionOf(message);
        Context.Origins.Record(message, path, position);
        ExtensionDefaults.Fill(message, schema, Context.Origins, path, position);
        // Looking at every field takes most of a check: the walks that follow need not do it again.
        Context.Origins.RecordSetFields(message, schema.SetIn(message));
        return true;
    }
}
