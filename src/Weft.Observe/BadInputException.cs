namespace Weft.Observe;

/// <summary>What was sent cannot be read; the message is for the sender.</summary>
internal sealed class BadInputException(string message) : Exception(message);
