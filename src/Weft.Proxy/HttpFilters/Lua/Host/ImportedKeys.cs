using System.Text;
using Weft.Net.Tls;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>Public keys that a script has imported, by their bytes: most scripts import the same one for every request. One worker.</summary>
internal sealed class ImportedKeys
{
    private const int MaxKept = 64;

    private readonly Dictionary<string, PublicKey> _keys = new(StringComparer.Ordinal);

    /// <summary>The key; null when the bytes are none.</summary>
    public PublicKey? Get(ReadOnlySpan<byte> der)
    {
        var text = Encoding.Latin1.GetString(der);
        if (_keys.TryGetValue(text, out var known))
            return known;
        if (!OpenSsl.IsAvailable || PublicKey.Import(der) is not { } key)
            return null;
        if (_keys.Count >= MaxKept)
            Clear();
        return _keys[text] = key;
    }

    private void Clear()
    {
        foreach (var key in _keys.Values)
            key.Dispose();
        _keys.Clear();
    }
}
