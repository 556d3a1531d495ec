namespace Weft.Bench;

/// <summary>Something that makes the whole run pointless; the text is for the user.</summary>
internal sealed class BenchException(string message) : Exception(message);
