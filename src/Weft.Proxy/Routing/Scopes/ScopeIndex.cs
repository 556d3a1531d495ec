using Weft.Http;
using Weft.Proxy.Matching;

namespace Weft.Proxy.Routing.Scopes;

/// <summary>Finds the scope of a request by its key. Immutable; any thread.</summary>
internal sealed class ScopeIndex<T>
    where T : class
{
    private const int MaxKeyBytesOnStack = 1024;

    private readonly Dictionary<byte[], T> _byKey;
    private readonly int _maxKeyBytes;

    public ScopeIndex(IEnumerable<(byte[] Key, T Scope)> scopes)
    {
        _byKey = scopes.ToDictionary(static scope => scope.Key, static scope => scope.Scope, BytesKey.Instance);
        _maxKeyBytes = _byKey.Count == 0 ? 0 : _byKey.Keys.Max(static key => key.Length);
    }

    /// <summary>Null when the request is in no scope. Allocates only where a scope's own key is longer than a kilobyte.</summary>
    public T? Find(HeaderMap headers, ScopeKeyBuilder builder)
    {
        // What is longer than every known key is none of them.
        Span<byte> buffer = _maxKeyBytes <= MaxKeyBytesOnStack ? stackalloc byte[MaxKeyBytesOnStack] : new byte[_maxKeyBytes];
        var key = builder.Build(headers, buffer[.._maxKeyBytes]);
        return key.IsEmpty ? null : _byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var scope) ? scope : null;
    }
}
