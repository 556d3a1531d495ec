namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>What is wrong with a token or with the keys to check it; the texts are those that clients of Envoy see.</summary>
internal enum JwtStatus
{
    Ok,
    Missing,
    NotYetValid,
    Expired,
    BadFormat,
    HeaderBadBase64,
    HeaderBadJson,
    HeaderBadAlgorithm,
    HeaderUnknownAlgorithm,
    HeaderBadKeyId,
    PayloadBadBase64,
    PayloadBadJson,
    IssuerNotString,
    SubjectNotString,
    IssuedAtNotInteger,
    NotBeforeNotInteger,
    ExpirationNotInteger,
    AudienceNotString,
    SignatureBadBase64,
    UnknownIssuer,
    AudienceNotAllowed,
    VerificationFailed,
    KeysBadJson,
    KeysMissing,
    KeysNotArray,
    NoValidKeys,
    NoKeyMatches,
    KeysNotFetched,
}

/// <summary>The statuses as texts.</summary>
internal static class JwtStatusTexts
{
    private static readonly string[] s_texts =
    [
        "OK",
        "Jwt is missing",
        "Jwt not yet valid",
        "Jwt is expired",
        "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
        "Jwt header is an invalid Base64url encoded",
        "Jwt header is an invalid JSON",
        "Jwt header [alg] field is required and must be a string",
        "Jwt header [alg] is not supported",
        "Jwt header [kid] field is not a string",
        "Jwt payload is an invalid Base64",
        "Jwt payload is an invalid JSON",
        "Jwt payload [iss] field is not a string",
        "Jwt payload [sub] field is not a string",
        "Jwt payload [iat] field is not an integer",
        "Jwt payload [nbf] field is not an integer",
        "Jwt payload [exp] field is not an integer",
        "Jwt payload [aud] field is not a string or string list",
        "Jwt signature is an invalid Base64",
        "Jwt issuer is not configured",
        "Audiences in Jwt are not allowed",
        "Jwt verification fails",
        "Jwks is an invalid JSON",
        "Jwks does not have [keys] field",
        "[keys] in Jwks is not an array",
        "Jwks doesn't have any valid public key",
        "Jwks doesn't have key to match kid or alg from Jwt",
        "Jwks remote fetch is failed",
    ];

    private static readonly byte[][] s_bodies = [.. s_texts.Select(System.Text.Encoding.ASCII.GetBytes)];

    private static readonly string[] s_details = [.. s_texts.Select(DetailsOf)];

    public static string Text(this JwtStatus status) => s_texts[(int)status];

    /// <summary>The text as the body of a response.</summary>
    public static ReadOnlySpan<byte> Body(this JwtStatus status) => s_bodies[(int)status];

    /// <summary>The response code details: <c>jwt_authn_access_denied{Jwt_is_missing}</c>.</summary>
    public static string Details(this JwtStatus status) => s_details[(int)status];

    public static string DetailsOf(string text) => $"jwt_authn_access_denied{{{text.Replace(' ', '_')}}}";
}
