namespace Weft.Config.Syntax;

/// <summary>The text is no YAML or JSON; nothing behind the position could be read. Never leaves <c>Weft.Config</c>.</summary>
internal sealed class SyntaxFault(SourcePosition position, string message) : Exception(message)
{
    internal SourcePosition Position { get; } = position;
}
