using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Bootstrap;

/// <summary>
/// A message of the configuration as it was written. Once it is compiled only its bytes are kept, because thousands of messages weigh more than
/// what was made of them; it is read again when somebody asks. Main thread.
/// </summary>
internal sealed class WrittenMessage<T>(T message) where T : class, IMessage<T>, new()
{
    private static readonly string TypeUrl = "type.googleapis.com/" + new T().Descriptor.FullName;

    private T? _message = message;
    private ByteString _bytes = ByteString.Empty;

    /// <summary>Read anew by each call after <see cref="Pack()"/>.</summary>
    public T Message
    {
        get
        {
            if (_message is not null)
                return _message;
            var message = new T();
            message.MergeFrom(_bytes);
            return message;
        }
    }

    /// <summary>For a dump.</summary>
    public Any ToAny() => new() { TypeUrl = TypeUrl, Value = _message?.ToByteString() ?? _bytes };

    /// <summary>The other message says the same.</summary>
    public bool Is(T other) => _message is not null
        ? _message.Equals(other)
        : other.CalculateSize() == _bytes.Length && (_bytes.Span.SequenceEqual(other.ToByteArray()) || Message.Equals(other));

    /// <summary>Keeps only the bytes.</summary>
    public void Pack() => Pack(Message.ToByteString());

    /// <summary>Keeps only these bytes, which are the message's.</summary>
    public void Pack(ByteString bytes) => (_message, _bytes) = (null, bytes);
}
