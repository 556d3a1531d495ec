using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Weft.Base;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Keys;

/// <summary>A key that signatures are checked with (RFC 7517, RFC 7518 section 6). Any thread.</summary>
internal abstract class JsonWebKey
{
    /// <summary>kid; "" when it has none.</summary>
    public string KeyId { get; private set; } = "";

    /// <summary>alg; "" when it is not bound to one.</summary>
    public string Algorithm { get; private set; } = "";

    /// <summary>Null when the key is of a kind that is not known, or incomplete.</summary>
    public static JsonWebKey? Create(JsonElement source)
    {
        try
        {
            JsonWebKey? key = Text(source, "kty") switch
            {
                "RSA" => new RsaKey(new RSAParameters { Modulus = Bytes(source, "n"), Exponent = Bytes(source, "e") }),
                "EC" => EllipticKey.Create(Text(source, "crv"), Bytes(source, "x"), Bytes(source, "y")),
                "oct" => new SecretKey(Bytes(source, "k")),
                _ => null,
            };
            if (key is not null)
                (key.KeyId, key.Algorithm) = (Text(source, "kid"), Text(source, "alg"));
            return key;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>kid and alg allow that it is the token's.</summary>
    public bool Fits(JsonWebToken token)
        => (KeyId.Length == 0 || token.KeyId.Length == 0 || KeyId == token.KeyId) && (Algorithm.Length == 0 || Algorithm == token.Algorithm);

    public abstract bool Verifies(JsonWebToken token);

    private static string Text(JsonElement source, string name)
        => source.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static byte[] Bytes(JsonElement source, string name)
    {
        var text = Text(source, name).TrimEnd('=');
        return text.Length > 0 ? Base64Url.DecodeFromChars(text) : throw new FormatException(name);
    }

    private static HashAlgorithmName HashOf(string algorithm) => algorithm[2..] switch
    {
        "256" => HashAlgorithmName.SHA256,
        "384" => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };

    /// <summary>RSASSA, PKCS1-v1_5 (RS*) and PSS (PS*).</summary>
    private sealed class RsaKey : JsonWebKey
    {
        // The framework's keys belong to one thread.
        private readonly PerThread<RSA> _key;

        public RsaKey(RSAParameters parameters)
        {
            _key = new PerThread<RSA>(() => RSA.Create(parameters));
            _ = _key.Value; // Throws now when the parameters are no key.
        }

        public override bool Verifies(JsonWebToken token)
        {
            var padding = token.Algorithm[0] switch { 'R' => RSASignaturePadding.Pkcs1, 'P' => RSASignaturePadding.Pss, _ => null };
            return padding is not null && _key.Value.VerifyData(token.Signed, token.Signature, HashOf(token.Algorithm), padding);
        }
    }

    /// <summary>ECDSA on the curve that belongs to the algorithm.</summary>
    private sealed class EllipticKey : JsonWebKey
    {
        private readonly PerThread<ECDsa> _key;
        private readonly string _algorithm;

        private EllipticKey(string algorithm, ECParameters parameters)
        {
            _algorithm = algorithm;
            _key = new PerThread<ECDsa>(() => ECDsa.Create(parameters));
            _ = _key.Value;
        }

        public static EllipticKey? Create(string curve, byte[] x, byte[] y)
        {
            (string Algorithm, ECCurve Curve)? known = curve switch
            {
                "P-256" or "" => ("ES256", ECCurve.NamedCurves.nistP256),
                "P-384" => ("ES384", ECCurve.NamedCurves.nistP384),
                "P-521" => ("ES512", ECCurve.NamedCurves.nistP521),
                _ => null,
            };
            return known is { } its ? new EllipticKey(its.Algorithm, new ECParameters { Curve = its.Curve, Q = new ECPoint { X = x, Y = y } }) : null;
        }

        public override bool Verifies(JsonWebToken token)
            => token.Algorithm == _algorithm
                && _key.Value.VerifyData(token.Signed, token.Signature, HashOf(_algorithm), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>HMAC with a secret that both sides know.</summary>
    private sealed class SecretKey(byte[] secret) : JsonWebKey
    {
        public override bool Verifies(JsonWebToken token)
            => token.Algorithm[0] == 'H'
                && CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(HashOf(token.Algorithm), secret, token.Signed), token.Signature);
    }
}
