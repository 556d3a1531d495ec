using Google.Protobuf;
using Weft.Base.Buffers;

namespace Weft.Proxy.Streams;

/// <summary>
/// Envoy's filter state: what filters leave for others by name, for as long as a connection or one of its requests lasts. One worker.
/// </summary>
public sealed class FilterState
{
    private Dictionary<string, FilterStateValue>? _values;

    /// <summary>That of the connection, for one of a request; null for one of a connection.</summary>
    public FilterState? Connection { get; set; }

    /// <summary>What was set here, or for the connection; null when nothing was.</summary>
    public FilterStateValue? Find(string name) =>
        _values is not null && _values.TryGetValue(name, out var value) ? value : Connection?.Find(name);

    /// <summary>What was set here.</summary>
    internal IEnumerable<KeyValuePair<string, FilterStateValue>> Values => _values ?? Enumerable.Empty<KeyValuePair<string, FilterStateValue>>();

    public void Set(string name, FilterStateValue value) => (_values ??= new Dictionary<string, FilterStateValue>(StringComparer.Ordinal))[name] = value;

    /// <summary>Ready for the next request.</summary>
    public void Clear()
    {
        _values?.Clear();
        Connection = null;
    }
}

/// <summary>Whether internal listeners find a value with the connections that go there.</summary>
public enum StateSharing : byte
{
    None,

    /// <summary>The next one does.</summary>
    Once,

    /// <summary>That one shares it again.</summary>
    Transitive,
}

/// <summary>One object of a filter state. Immutable.</summary>
public abstract class FilterStateValue
{
    /// <summary>No other may take its place.</summary>
    public bool IsReadOnly { get; init; }

    public StateSharing Sharing { get; init; }

    /// <summary>What hash policies and matchers go by; null when it is no text.</summary>
    public virtual byte[]? Text => null;

    /// <summary>Appends one field of it; false, with nothing appended, when it has none of that name.</summary>
    public virtual bool TryWriteField(string name, ByteWriter output) => false;

    /// <summary>As a message, for whom it is sent to; null when it has no such form. Allocates.</summary>
    public virtual IMessage? ToMessage() => null;

    /// <summary>Appends it as JSON; false, with nothing appended, when it has no such form.</summary>
    public virtual bool TryWriteJson(ByteWriter output) => false;
}
