namespace Weft.CommandLine;

/// <summary>The command line cannot be understood; the message is what the user reads.</summary>
internal sealed class UsageException(string message) : Exception(message);
