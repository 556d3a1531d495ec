namespace Weft.Proxy.Expressions.Syntax;

/// <summary>A fault in the text of an expression; it never leaves <see cref="CelExpression"/>.</summary>
internal sealed class CelSyntaxException(int position, string message) : Exception(message)
{
    /// <summary>Where, from 0, in characters.</summary>
    public int Position { get; } = position;
}
