using Google.Protobuf;

namespace Weft.Proxy.Secrets;

/// <summary>
/// A secret that configuration refers to: known at once (static), later, or changing (a discovery service). Main thread.
/// </summary>
/// <param name="name">Its name; empty for one that stands where it is used.</param>
/// <param name="value">Null while it is not known.</param>
public sealed class SecretSource<T>(string name, T? value)
    where T : class, IMessage
{
    public string Name { get; } = name;

    public T? Value { get; private set; } = value;

    /// <summary>The value was replaced.</summary>
    public event Action? Changed;

    /// <summary>A new value has come; who uses the secret changes over.</summary>
    public void Update(T value)
    {
        Value = value;
        Changed?.Invoke();
    }
}
