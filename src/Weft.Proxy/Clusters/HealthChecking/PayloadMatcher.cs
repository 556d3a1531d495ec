using System.Globalization;
using Google.Protobuf.Collections;
using Weft.Config;
using Payload = Envoy.Config.Core.V3.HealthCheck.Types.Payload;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>Bytes that a check expects: segments, each somewhere behind the one before. Immutable.</summary>
internal sealed class PayloadMatcher
{
    private readonly byte[][] _segments;

    private PayloadMatcher(byte[][] segments) => _segments = segments;

    /// <summary>Nothing is expected.</summary>
    public bool IsEmpty => _segments.Length == 0;

    /// <summary>Bytes of all segments.</summary>
    public int Length => _segments.Sum(static segment => segment.Length);

    public static PayloadMatcher Create(RepeatedField<Payload> config, ConfigContext context) =>
        new([.. config.Select(payload => BytesOf(payload, context)).Where(static bytes => bytes.Length > 0)]);

    /// <summary>The bytes of one payload: hexadecimal text or bytes as they are; a fault is reported.</summary>
    public static byte[] BytesOf(Payload? payload, ConfigContext context)
    {
        switch (payload?.PayloadCase)
        {
            case Payload.PayloadOneofCase.Binary:
                return payload.Binary.ToByteArray();
            case Payload.PayloadOneofCase.Text:
                if (IsHex(payload.Text))
                    return Convert.FromHexString(payload.Text);
                context.Error(payload, "text", string.Create(CultureInfo.InvariantCulture, $"invalid hex string '{payload.Text}'"));
                return [];
            default:
                return [];
        }
    }

    public bool IsMatch(ReadOnlySpan<byte> data)
    {
        foreach (var segment in _segments)
        {
            var at = data.IndexOf(segment);
            if (at < 0)
                return false;
            data = data[(at + segment.Length)..];
        }

        return true;
    }

    private static bool IsHex(string text) => text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);
}
