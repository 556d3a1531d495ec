using System.Text.Json;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Keys;

/// <summary>The keys of an issuer (RFC 7517 section 5). Immutable; any thread.</summary>
internal sealed class JsonWebKeySet
{
    private readonly JsonWebKey[] _keys;

    private JsonWebKeySet(JsonWebKey[] keys) => _keys = keys;

    /// <summary>Reads a set; keys of unknown kinds are left out, as the RFC asks for.</summary>
    /// <returns><see cref="JwtStatus.Ok"/>, or why there is no set.</returns>
    public static JwtStatus TryParse(ReadOnlyMemory<byte> json, out JsonWebKeySet? set)
    {
        set = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var keys))
                return JwtStatus.KeysMissing;
            if (keys.ValueKind != JsonValueKind.Array)
                return JwtStatus.KeysNotArray;
            JsonWebKey[] known = [.. keys.EnumerateArray().Where(static key => key.ValueKind == JsonValueKind.Object).Select(JsonWebKey.Create).OfType<JsonWebKey>()];
            if (known.Length == 0)
                return JwtStatus.NoValidKeys;
            set = new JsonWebKeySet(known);
            return JwtStatus.Ok;
        }
        catch (JsonException)
        {
            return JwtStatus.KeysBadJson;
        }
    }

    public JwtStatus Verify(JsonWebToken token)
    {
        var status = JwtStatus.NoKeyMatches;
        foreach (var key in _keys)
        {
            if (!key.Fits(token))
                continue;
            if (key.Verifies(token))
                return JwtStatus.Ok;
            status = JwtStatus.VerificationFailed;
        }

        return status;
    }
}
