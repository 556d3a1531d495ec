namespace Weft.Proxy.Runtime;

/// <summary>The values of one layer at one moment. Immutable.</summary>
/// <param name="Name">As configured; empty for the layer that an empty layered_runtime gets.</param>
/// <param name="Values">By key, dots between the levels.</param>
internal sealed record LayerValues(string Name, IReadOnlyDictionary<string, RuntimeValue> Values);
