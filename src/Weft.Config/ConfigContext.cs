using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Binding;

namespace Weft.Config;

/// <summary>
/// What every factory of an <c>XConfig</c> is handed: it reports findings at the field of a message and unpacks Anys without losing
/// their positions. One per configuration (or per update); main thread only.
/// </summary>
public sealed class ConfigContext
{
    public ConfigContext()
        : this(new MessageOrigins())
    {
    }

    /// <summary>For a part of a configuration that is accepted or refused on its own: findings apart, positions as in the whole.</summary>
    public ConfigContext(MessageOrigins origins) => Origins = origins;

    /// <summary>All that was found so far.</summary>
    public Findings Findings { get; } = new();

    /// <summary>Where the messages came from.</summary>
    public MessageOrigins Origins { get; }

    /// <summary>Whether the file that was to be read was not there. It is among the findings too; who watches the file waits until it is back.</summary>
    public bool IsFileMissing { get; internal set; }

    /// <summary>Reports that the configuration must not be used.</summary>
    /// <param name="at">The message that is wrong.</param>
    /// <param name="field">The field of it, snake_case; null for the message as a whole.</param>
    /// <param name="text">What is wrong, one sentence without a full stop.</param>
    /// <param name="suggestion">What was probably meant.</param>
    public void Error(IMessage at, string? field, string text, string? suggestion = null)
        => Report(Severity.Error, at, field, text, suggestion);

    /// <summary>Reports something that somebody should change; the parameters are those of <see cref="Error"/>.</summary>
    public void Warning(IMessage at, string? field, string text, string? suggestion = null)
        => Report(Severity.Warning, at, field, text, suggestion);

    /// <summary>Reports something worth knowing; the parameters are those of <see cref="Error"/>.</summary>
    public void Note(IMessage at, string? field, string text, string? suggestion = null)
        => Report(Severity.Note, at, field, text, suggestion);

    /// <summary>The message inside an Any; null when there is no Any, or (with an error finding) when it holds another type.</summary>
    public T? Unpack<T>(Any? any)
        where T : class, IMessage<T>, new()
    {
        if (any is null || Unpack(any) is not { } inner) return null;
        if (inner is T wanted) return wanted;
        Error(any, null, $"expected the type {new T().Descriptor.FullName}, found {inner.Descriptor.FullName}");
        return null;
    }

    /// <summary>
    /// The message inside an Any: the one that was bound there, else read from its bytes. Null when there is no Any or it is empty, or
    /// (with an error finding) when its type is unknown or its bytes are damaged. A TypedStruct is unwrapped.
    /// </summary>
    public IMessage? Unpack(Any? any)
    {
        if (any is null || any.TypeUrl.Length == 0) return null;
        return Origins.Inner(any) ?? new AnyParser(this).Parse(any);
    }

    private void Report(Severity severity, IMessage at, string? field, string text, string? suggestion)
        => Findings.Add(new Finding(severity, Origins.PositionOf(at, field), Origins.PathOf(at, field), text, suggestion));
}
