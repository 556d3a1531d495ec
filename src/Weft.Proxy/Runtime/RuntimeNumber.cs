namespace Weft.Proxy.Runtime;

/// <summary>
/// A whole number from configuration that a runtime key may override. Reading it on the way of a request costs a comparison: the key is only
/// looked up after runtime has changed. Any thread.
/// </summary>
/// <param name="runtime">Null: nothing overrides it.</param>
/// <param name="key">For example <c>circuit_breakers.web.default.max_requests</c>.</param>
/// <param name="configured">What holds without the key.</param>
public sealed class RuntimeNumber(RuntimeLayers? runtime, RuntimeKey key, long configured)
{
    private Reading? _last;

    /// <summary>One whose key is known as a whole.</summary>
    public RuntimeNumber(RuntimeLayers? runtime, string key, long configured)
        : this(runtime, new RuntimeKey(key), configured)
    {
    }

    public long Value
    {
        get
        {
            if (runtime is null)
                return configured;
            var current = runtime.Current;
            if (current.KeyCount == 0)
                return configured;
            var last = Volatile.Read(ref _last);
            if (last is null || !ReferenceEquals(last.Snapshot, current))
                Volatile.Write(ref _last, last = new Reading(current, (long)Math.Min(current.GetInteger(key.ToString(), (ulong)configured), long.MaxValue)));
            return last.Value;
        }
    }

    private sealed record Reading(RuntimeSnapshot Snapshot, long Value);
}
