using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Formatting;

/// <summary>Operators of Envoy that print "-" here: there is no QUIC, and no filter that sets a flag of its own.</summary>
internal static class UnavailableOperators
{
    private static readonly MissingOperator s_missing = new();

    public static void AddTo(Dictionary<string, OperatorKind> kinds)
    {
        kinds.Add("ROUNDTRIP_DURATION", OperatorKind.Of(s_missing));
        kinds.Add("CUSTOM_FLAGS", OperatorKind.Of(s_missing));
    }
}
