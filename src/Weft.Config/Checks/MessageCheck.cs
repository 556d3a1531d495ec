using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>One of the things that are checked while a <see cref="MessageWalk"/> passes over a message.</summary>
internal abstract class MessageCheck(ConfigContext context)
{
    /// <summary>Where the findings go.</summary>
    protected ConfigContext Context { get; } = context;

    /// <summary>Called for each message; false leaves out what is inside of it, for this check.</summary>
    internal virtual bool EnterMessage(IMessage message, MessageSchema schema) => true;

    /// <summary>Called for each field that is set; false leaves out what is inside of it, for this check.</summary>
    internal virtual bool EnterField(IMessage message, FieldSchema field) => true;

    /// <summary>Called for the message of an Any; false leaves it out, for this check.</summary>
    internal virtual bool EnterAny(Any any, IMessage inner) => true;

    /// <summary>Called when all has been seen.</summary>
    internal virtual void End()
    {
    }
}
