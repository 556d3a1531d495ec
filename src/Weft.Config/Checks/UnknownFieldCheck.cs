using Google.Protobuf;
using Weft.Api;
using Weft.Config.Types;

namespace Weft.Config.Checks;

/// <summary>
/// Names the fields of a message that came as bytes and that this version of the API does not have. Text cannot have them: the binder
/// reports them.
/// </summary>
internal sealed class UnknownFieldCheck(ReadOptions options, ConfigContext context) : MessageCheck(context)
{
    /// <summary>For a message that came as bytes; those of Anys were looked at when they were opened.</summary>
    internal static UnknownFieldCheck Of(IMessage root, ReadOptions options, ConfigContext context)
    {
        if (!context.Origins.IsInner(root) && HasUnknown(root)) context.Origins.MayHaveUnknownFields = true;
        return new UnknownFieldCheck(options, context);
    }

    internal override bool EnterMessage(IMessage message, MessageSchema schema)
    {
        // Messages are only looked at one by one when something is wrong with them or with what came before: it takes their bytes each time.
        if (!Context.Origins.MayHaveUnknownFields) return true;
        var numbers = Numbers(message).Where(n => schema.Descriptor.FindFieldByNumber(n) is null).Distinct().Order().ToList();
        if (numbers.Count > 0) Report(message, $"type {schema.Descriptor.FullName} with unknown field set {{{string.Join(", ", numbers)}}}");
        return true;
    }

    private static bool HasUnknown(IMessage message)
    {
        var bytes = message.ToByteString();
        return ApiMessages.Parse(message.Descriptor, bytes, dropsUnknown: true).CalculateSize() != bytes.Length;
    }

    private static IEnumerable<int> Numbers(IMessage message)
    {
        var input = new CodedInputStream(message.ToByteArray());
        while (input.ReadTag() is var tag and not 0)
        {
            yield return WireFormat.GetTagFieldNumber(tag);
            input.SkipLastField();
        }
    }

    private void Report(IMessage message, string text)
    {
        switch (options.SeverityOfUnknownField())
        {
            case Severity.Error:
                Context.Error(message, null, text);
                break;
            case Severity.Warning:
                Context.Warning(message, null, text);
                break;
        }
    }
}
