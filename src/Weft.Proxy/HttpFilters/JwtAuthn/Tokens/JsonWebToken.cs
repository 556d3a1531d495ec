using System.Buffers.Text;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

/// <summary>A token in its parts, not verified yet (RFC 7519, RFC 7515 section 3.1: header, payload and signature in Base64url). Immutable; any thread.</summary>
internal sealed class JsonWebToken
{
    private static readonly string[] s_algorithms =
        ["ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    private JsonWebToken(byte[] signed, byte[] encodedPayload, byte[] signature, Struct header, Struct payload)
    {
        (Signed, EncodedPayload, Signature, Header, Payload) = (signed, encodedPayload, signature, header, payload);
    }

    /// <summary>What the signature is of: header and payload as they were sent.</summary>
    public byte[] Signed { get; }

    public byte[] EncodedPayload { get; }

    public byte[] Signature { get; }

    public Struct Header { get; }

    public Struct Payload { get; }

    public string Algorithm { get; private init; } = "";

    /// <summary>kid; "" when there is none.</summary>
    public string KeyId { get; private init; } = "";

    /// <summary>iss; "" when there is none.</summary>
    public string Issuer { get; private init; } = "";

    /// <summary>sub; "" when there is none.</summary>
    public string Subject { get; private init; } = "";

    public IReadOnlyList<string> Audiences { get; private init; } = [];

    /// <summary>nbf, in seconds since 1970; 0 when there is none.</summary>
    public long NotBefore { get; private init; }

    /// <summary>exp, in seconds since 1970; 0 when there is none.</summary>
    public long Expiration { get; private init; }

    /// <summary>Takes a token apart.</summary>
    /// <returns><see cref="JwtStatus.Ok"/>, or what is wrong; then there is no token.</returns>
    public static JwtStatus TryParse(ReadOnlySpan<byte> text, out JsonWebToken? token)
    {
        token = null;
        if (text.Count((byte)'.') != 2)
            return JwtStatus.BadFormat;
        var (first, last) = (text.IndexOf((byte)'.'), text.LastIndexOf((byte)'.'));
        var encodedPayload = text[(first + 1)..last];
        var header = Decode(text[..first]);
        if (header is null)
            return JwtStatus.HeaderBadBase64;
        if (JsonStruct.Parse(header) is not { } headerFields)
            return JwtStatus.HeaderBadJson;
        if (!headerFields.Fields.TryGetValue("alg", out var algorithm) || !algorithm.HasStringValue)
            return JwtStatus.HeaderBadAlgorithm;
        if (!s_algorithms.Contains(algorithm.StringValue))
            return JwtStatus.HeaderUnknownAlgorithm;
        if (!TryGetText(headerFields, "kid", out var keyId))
            return JwtStatus.HeaderBadKeyId;
        if (Decode(encodedPayload) is not { } payload)
            return JwtStatus.PayloadBadBase64;
        if (JsonStruct.Parse(payload) is not { } payloadFields)
            return JwtStatus.PayloadBadJson;
        var status = ReadClaims(payloadFields, out var claims);
        if (status != JwtStatus.Ok)
            return status;
        if (Decode(text[(last + 1)..]) is not { } signature)
            return JwtStatus.SignatureBadBase64;
        token = new JsonWebToken(text[..last].ToArray(), encodedPayload.ToArray(), signature, headerFields, payloadFields)
        {
            Algorithm = algorithm.StringValue,
            KeyId = keyId,
            Issuer = claims.Issuer,
            Subject = claims.Subject,
            Audiences = claims.Audiences,
            NotBefore = claims.NotBefore,
            Expiration = claims.Expiration,
        };
        return JwtStatus.Ok;
    }

    /// <summary>The claim of that name, where dots lead into objects; null when there is none.</summary>
    public Value? Claim(string path)
    {
        if (Payload.Fields.TryGetValue(path, out var whole))
            return whole;
        var fields = Payload;
        Value? value = null;
        foreach (var name in path.Split('.'))
        {
            if (fields is null || !fields.Fields.TryGetValue(name, out value))
                return null;
            fields = value.StructValue;
        }

        return value;
    }

    private static JwtStatus ReadClaims(Struct payload, out (string Issuer, string Subject, IReadOnlyList<string> Audiences, long NotBefore, long Expiration) claims)
    {
        claims = ("", "", [], 0, 0);
        if (!TryGetText(payload, "iss", out claims.Issuer))
            return JwtStatus.IssuerNotString;
        if (!TryGetText(payload, "sub", out claims.Subject))
            return JwtStatus.SubjectNotString;
        if (!TryGetSeconds(payload, "iat", out _))
            return JwtStatus.IssuedAtNotInteger;
        if (!TryGetSeconds(payload, "nbf", out claims.NotBefore))
            return JwtStatus.NotBeforeNotInteger;
        if (!TryGetSeconds(payload, "exp", out claims.Expiration))
            return JwtStatus.ExpirationNotInteger;
        if (AudiencesOf(payload) is not { } audiences)
            return JwtStatus.AudienceNotString;
        claims.Audiences = audiences;
        return JwtStatus.Ok;
    }

    private static string[]? AudiencesOf(Struct payload)
    {
        if (!payload.Fields.TryGetValue("aud", out var value))
            return [];
        if (value.HasStringValue)
            return [value.StringValue];
        return value.ListValue is { } list && list.Values.All(static one => one.HasStringValue) ? [.. list.Values.Select(static one => one.StringValue)] : null;
    }

    private static bool TryGetText(Struct fields, string name, out string text)
    {
        text = "";
        if (!fields.Fields.TryGetValue(name, out var value))
            return true;
        text = value.StringValue;
        return value.HasStringValue;
    }

    private static bool TryGetSeconds(Struct fields, string name, out long seconds)
    {
        seconds = 0;
        if (!fields.Fields.TryGetValue(name, out var value))
            return true;
        if (!value.HasNumberValue || value.NumberValue is not (>= 0 and < long.MaxValue))
            return false;
        seconds = (long)value.NumberValue;
        return true;
    }

    private static byte[]? Decode(ReadOnlySpan<byte> encoded)
    {
        // RFC 7515 section 2: without padding, without line breaks.
        if (encoded.ContainsAny(" \t\r\n="u8))
            return null;
        try
        {
            return Base64Url.DecodeFromUtf8(encoded);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
