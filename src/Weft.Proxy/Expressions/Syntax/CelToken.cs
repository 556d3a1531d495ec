namespace Weft.Proxy.Expressions.Syntax;

internal enum CelTokenKind : byte { End, Identifier, Int, Uint, Double, String, Bytes, Symbol }

/// <summary>A token of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">An identifier, a symbol, the digits of a number, or the content of a string.</param>
/// <param name="Bytes">The content of a bytes literal.</param>
/// <param name="Position">Of its first character.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, byte[]? Bytes, int Position)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;
}
