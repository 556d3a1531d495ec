using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>Claims as header values.</summary>
internal static class ClaimText
{
    /// <summary>Texts, numbers and truth values as they are, lists and objects as JSON in Base64; empty for what cannot stand in a header.</summary>
    public static byte[] Of(Value? claim) => claim?.KindCase switch
    {
        Value.KindOneofCase.StringValue => claim.StringValue.AsSpan().ContainsAny("\r\n\0") ? [] : Encoding.UTF8.GetBytes(claim.StringValue),
        Value.KindOneofCase.NumberValue => Encoding.ASCII.GetBytes(claim.NumberValue.ToString("R", CultureInfo.InvariantCulture)),
        Value.KindOneofCase.BoolValue => claim.BoolValue ? "true"u8.ToArray() : "false"u8.ToArray(),
        Value.KindOneofCase.StructValue => InBase64(claim.StructValue),
        Value.KindOneofCase.ListValue => InBase64(claim.ListValue),
        _ => [],
    };

    /// <summary>Base64 with the padding that Base64url of tokens lacks.</summary>
    public static byte[] Padded(byte[] encoded)
    {
        var padded = new byte[(encoded.Length + 3) / 4 * 4];
        padded.AsSpan().Fill((byte)'=');
        encoded.CopyTo(padded, 0);
        return padded;
    }

    private static byte[] InBase64(IMessage message) => Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(message))));
}
