using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Formatting;

/// <summary>
/// Operators of Envoy whose values do not exist here yet (TLS, filter state ...): formats with them are
/// accepted, with a note, and print "-".
/// </summary>
internal static class UnavailableOperators
{
    private static readonly string[] s_bare =
    [
        "DOWNSTREAM_HANDSHAKE_DURATION", "TLS_JA3_FINGERPRINT", "TLS_JA4_FINGERPRINT",
        "ROUNDTRIP_DURATION", "UPSTREAM_CONNECTION_POOL_READY_DURATION", "CUSTOM_FLAGS",
        "BYTES_RETRANSMITTED", "PACKETS_RETRANSMITTED", "UPSTREAM_WIRE_BYTES_RECEIVED", "UPSTREAM_WIRE_BYTES_SENT", "UPSTREAM_HEADER_BYTES_RECEIVED",
        "UPSTREAM_HEADER_BYTES_SENT", "UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED", "UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
        "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED", "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
    ];

    private static readonly string[] s_withParameters =
    [
        "UPSTREAM_FILTER_STATE",
    ];

    private static readonly MissingOperator s_missing = new();

    public static void AddTo(Dictionary<string, OperatorKind> kinds)
    {
        foreach (var name in s_bare)
            kinds.Add(name, OperatorKind.Of(s_missing) with { HasValue = false });
        foreach (var name in s_withParameters)
            kinds.Add(name, OperatorKind.Of(s_missing) with { Syntax = OperatorSyntax.ParametersOptional | OperatorSyntax.LengthAllowed, HasValue = false });
    }
}
