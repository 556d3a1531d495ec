using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Weft.Proxy.Tests.HttpFilters.JwtAuthn;

/// <summary>An issuer of tokens: signs them, and publishes the keys to check them with.</summary>
internal static class TestTokens
{
    private static readonly RSA s_rsa = RSA.Create(2048);
    private static readonly ECDsa s_elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly byte[] s_secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>Keys "rsa", "ec" and "secret".</summary>
    public static string Keys
    {
        get
        {
            var rsa = s_rsa.ExportParameters(false);
            var point = s_elliptic.ExportParameters(false).Q;
            return $$"""
                {"keys":[{"kty":"RSA","kid":"rsa","n":"{{Url(rsa.Modulus!)}}","e":"{{Url(rsa.Exponent!)}}"},
                {"kty":"EC","kid":"ec","alg":"ES256","crv":"P-256","x":"{{Url(point.X!)}}","y":"{{Url(point.Y!)}}"},
                {"kty":"oct","kid":"secret","alg":"HS256","k":"{{Url(s_secret)}}"}, {"kty":"unknown","kid":"x"}]}
                """.ReplaceLineEndings("");
        }
    }

    /// <summary>A token that expires in 2100, unless its payload says otherwise.</summary>
    /// <param name="payload">Its claims, as JSON without braces.</param>
    public static string Sign(string payload, string algorithm = "RS256", string? header = null)
    {
        var kid = algorithm[0] switch { 'E' => "ec", 'H' => "secret", _ => "rsa" };
        var expiry = payload.Contains("\"exp\"", StringComparison.Ordinal) ? "" : ",\"exp\":4102444800";
        var signed = $"{Url(header ?? $$"""{"alg":"{{algorithm}}","kid":"{{kid}}"}""")}.{Url($"{{{payload}{expiry}}}")}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = algorithm switch
        {
            "RS256" => s_rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "PS384" => s_rsa.SignData(bytes, HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
            "ES256" => s_elliptic.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            "HS256" => HMACSHA256.HashData(s_secret, bytes),
            _ => [],
        };
        return $"{signed}.{Url(signature)}";
    }

    /// <summary>A token "signed" with the public key as if that were a secret.</summary>
    public static string SignWithPublicKey(string payload)
    {
        var signed = $"{Url("""{"alg":"HS256","kid":"rsa"}""")}.{Url($"{{{payload}}}")}";
        return $"{signed}.{Url(HMACSHA256.HashData(s_rsa.ExportParameters(false).Modulus!, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Url(string text) => Url(Encoding.UTF8.GetBytes(text));

    private static string Url(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
