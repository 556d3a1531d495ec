using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Formatting;

/// <summary>Operators of Envoy that print "-" here: of QUIC, of filters that set flags of their own, and fingerprints of TLS clients, which are noted.</summary>
internal static class UnavailableOperators
{
    private static readonly MissingOperator s_missing = new();

    public static void AddTo(Dictionary<string, OperatorKind> kinds)
    {
        var withParameters = new OperatorKind(OperatorSyntax.ParametersOptional | OperatorSyntax.LengthAllowed, (OperatorText _, out string error) =>
        {
            error = "";
            return s_missing;
        });
        kinds.Add("TLS_JA4_FINGERPRINT", OperatorKind.Of(s_missing) with { HasValue = false });
        kinds.Add("UPSTREAM_FILTER_STATE", withParameters with { HasValue = false });
        // There is nothing that these could print: no QUIC, and no filter that sets a flag.
        kinds.Add("ROUNDTRIP_DURATION", OperatorKind.Of(s_missing));
        kinds.Add("CUSTOM_FLAGS", OperatorKind.Of(s_missing));
    }
}
