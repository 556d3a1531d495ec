namespace Weft.Proxy.Admin;

/// <summary>A parameter of an endpoint, for the help and the home page.</summary>
/// <param name="Choices">The allowed values; null: any text.</param>
/// <param name="IsFlag">Its presence is what counts.</param>
public sealed record AdminParameter(string Name, string Help, string[]? Choices = null, bool IsFlag = false);
