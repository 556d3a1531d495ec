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

    /// <summary>A discovery service gives it, and watches the files that it refers to.</summary>
    public bool IsDiscovered { get; init; }

    /// <summary>The value was replaced: who uses it changes over, or gives why it cannot be used and goes on with the former.</summary>
    public event Func<string?>? Changed;

    /// <summary>A new value has come, or its files have changed. Returns why it cannot be used, and is not; null when it is.</summary>
    public string? Update(T value)
    {
        var former = Value;
        Value = value;
        var users = Changed?.GetInvocationList() ?? [];
        for (var i = 0; i < users.Length; i++)
        {
            if (((Func<string?>)users[i])() is not { } fault)
                continue;
            // All or none: those that could use it go back.
            Value = former;
            for (var j = 0; j < i; j++)
                ((Func<string?>)users[j])();
            return fault;
        }

        return null;
    }
}
