namespace Weft.Xds.Client;

/// <summary>The error_detail of a NACK.</summary>
internal static class Refusal
{
    /// <summary>Longer texts only fill the server's log.</summary>
    private const int MaxTextLength = 4096;

    /// <summary>INTERNAL, as Envoy says it.</summary>
    private const int Code = 13;

    public static Google.Rpc.Status Of(string fault) => new() { Code = Code, Message = fault.Length > MaxTextLength ? fault[..MaxTextLength] + "...(truncated)" : fault };
}
