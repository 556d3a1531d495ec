using Google.Protobuf;
using Weft.Config.Binding;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>Gives the default configuration to extensions of which only the name came.</summary>
internal sealed class ExtensionDefaultsFill(ConfigContext context) : MessageCheck(context)
{
    internal override bool EnterMessage(IMessage message, MessageSchema schema)
    {
        ExtensionDefaults.Fill(message, schema, Context.Origins);
        return true;
    }
}
