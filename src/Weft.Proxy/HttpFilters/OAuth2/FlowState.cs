using System.Buffers;
using System.Buffers.Text;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>The <c>state</c> of a login (RFC 6749 section 4.1.1): where the user wanted to go and the CSRF token, as JSON in Base64url.</summary>
internal static class FlowState
{
    private const string Url = "url";
    private const string Token = "csrf_token";

    /// <summary>Appends it.</summary>
    /// <param name="scratch">Is cleared; must not hold the parts.</param>
    public static void Write(ReadOnlySpan<byte> url, ReadOnlySpan<byte> csrfToken, ByteWriter scratch, ByteWriter output)
    {
        scratch.Clear();
        scratch.Write("{\"url\":"u8);
        JsonText.WriteString(scratch, url);
        scratch.Write(",\"csrf_token\":"u8);
        JsonText.WriteString(scratch, csrfToken);
        scratch.Write((byte)'}');
        output.Advance(Base64Url.EncodeToUtf8(scratch.Written, output.GetSpan(Base64Url.GetEncodedLength(scratch.Length))));
    }

    /// <summary>Takes it apart; a part that is no text is empty.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? Read(ReadOnlySpan<byte> state, out string url, out string csrfToken)
    {
        (url, csrfToken) = ("", "");
        var json = Decode(state);
        if (JsonStruct.Parse(json) is not { } fields)
            return $"State query param is not a valid JSON: {DetailText.Of(json)}";
        if (!fields.Fields.TryGetValue(Url, out var urlField) || !fields.Fields.TryGetValue(Token, out var tokenField))
            return $"State query param does not contain url or CSRF token: {DetailText.Of(json)}";
        (url, csrfToken) = (TextOf(urlField), TextOf(tokenField));
        return null;
    }

    private static string TextOf(Value value) => value.HasStringValue ? value.StringValue : "";

    private static byte[] Decode(ReadOnlySpan<byte> state)
    {
        var decoded = new byte[Base64Url.GetMaxDecodedLength(state.Length)];
        return Base64Url.DecodeFromUtf8(state, decoded, out _, out var length) == OperationStatus.Done ? decoded[..length] : [];
    }
}
