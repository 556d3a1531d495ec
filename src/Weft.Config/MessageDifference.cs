using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Weft.Config;

/// <summary>How two messages of one type differ. Any thread.</summary>
public static class MessageDifference
{
    /// <summary>The fields whose values differ, in the order of their numbers.</summary>
    public static IEnumerable<FieldDescriptor> Fields(IMessage one, IMessage other) =>
        one.Descriptor.Fields.InFieldNumberOrder().Where(field => !Equals(field.Accessor.GetValue(one), field.Accessor.GetValue(other)));
}
