using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>What a token endpoint grants (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3). Immutable.</summary>
/// <param name="AccessToken">Not null, may be empty.</param>
/// <param name="IdToken">Empty when there is none.</param>
/// <param name="RefreshToken">Empty when there is none.</param>
/// <param name="ExpiresInSeconds">Of the access token; above 0.</param>
internal sealed record TokenGrant(byte[] AccessToken, byte[] IdToken, byte[] RefreshToken, long ExpiresInSeconds)
{
    /// <summary>Longer lives are cut to this: ten years, so that no sum of seconds overflows.</summary>
    private const long MaxSeconds = 10L * 366 * 24 * 3600;

    /// <summary>Reads the answer's body.</summary>
    /// <param name="defaultExpiresInSeconds">Of answers that do not say; 0: such are refused.</param>
    /// <param name="grant">Null when it cannot be used.</param>
    /// <returns>Null, or why it cannot be used.</returns>
    public static string? Parse(ReadOnlySpan<byte> body, long defaultExpiresInSeconds, out TokenGrant? grant)
    {
        grant = null;
        if (JsonStruct.Parse(body) is not { } fields) return Unreadable(body, "no JSON object");
        if (!TryGetText(fields, "access_token", out var accessToken) || !TryGetText(fields, "id_token", out var idToken) || !TryGetText(fields, "refresh_token", out var refreshToken))
            return Unreadable(body, "a token is no text that a header can hold");
        if (!TryGetSeconds(fields, out var expiresIn)) return Unreadable(body, "expires_in is no number of seconds");
        if (accessToken is null) return $"No access token found in the token exchange response: {DetailText.Of(body)}";
        var seconds = expiresIn ?? defaultExpiresInSeconds;
        if (seconds <= 0) return $"No default or explicit access token expiration found in the token exchange response: {DetailText.Of(body)}";
        grant = new TokenGrant(accessToken, idToken ?? [], refreshToken ?? [], Math.Min(seconds, MaxSeconds));
        return null;
    }

    private static string Unreadable(ReadOnlySpan<byte> body, string why) => $"Failed to parse oauth response body: {DetailText.Of(body)}, exception: {why}";

    /// <summary>Null when there is none.</summary>
    private static bool TryGetText(Struct fields, string name, out byte[]? text)
    {
        text = null;
        if (!fields.Fields.TryGetValue(name, out var value) || value.HasNullValue) return true;
        if (!value.HasStringValue) return false;
        text = Encoding.UTF8.GetBytes(value.StringValue);
        return TokenText.IsValid(text);
    }

    /// <summary>A number, or one written as text.</summary>
    private static bool TryGetSeconds(Struct fields, out long? seconds)
    {
        seconds = null;
        if (!fields.Fields.TryGetValue("expires_in", out var value) || value.HasNullValue) return true;
        if (value.HasStringValue)
        {
            if (!ulong.TryParse(value.StringValue, NumberStyles.None, CultureInfo.InvariantCulture, out var written)) return false;
            seconds = (long)Math.Min(written, MaxSeconds);
            return true;
        }

        if (!value.HasNumberValue || value.NumberValue is not (>= 0 and <= ulong.MaxValue) || !double.IsInteger(value.NumberValue)) return false;
        seconds = (long)Math.Min(value.NumberValue, MaxSeconds);
        return true;
    }
}

/// <summary>What can be the value of a cookie that is passed on as it is.</summary>
internal static class TokenText
{
    /// <summary>No control characters, nothing that ends a cookie.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text) => FieldText.IsValue(text) && !text.Contains((byte)';');
}
