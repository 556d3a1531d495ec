using System.Diagnostics.CodeAnalysis;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

/// <summary>Tokens whose signature has been verified, the least recently used out first (jwt_cache_config). One worker.</summary>
/// <param name="capacity">Tokens kept.</param>
internal sealed class JwtCache(int capacity)
{
    private const int MaxTokenBytes = 4096;

    private readonly Dictionary<byte[], LinkedListNode<(byte[] Text, JsonWebToken Token)>> _byText = new(ByteComparer.Instance);
    private readonly LinkedList<(byte[] Text, JsonWebToken Token)> _byUse = new();

    public bool TryFind(byte[] text, [NotNullWhen(true)] out JsonWebToken? token)
    {
        token = null;
        if (!_byText.TryGetValue(text, out var node))
            return false;
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        token = node.Value.Token;
        return true;
    }

    public void Add(byte[] text, JsonWebToken token)
    {
        if (text.Length > MaxTokenBytes || _byText.ContainsKey(text))
            return;
        if (_byText.Count >= capacity)
            Remove(_byUse.Last!.Value.Text);
        _byText[text] = _byUse.AddFirst((text, token));
    }

    public void Remove(byte[] text)
    {
        if (_byText.Remove(text, out var node))
            _byUse.Remove(node);
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] text)
        {
            var hash = default(HashCode);
            hash.AddBytes(text);
            return hash.ToHashCode();
        }
    }
}
