namespace Weft.Proxy.Expressions;

/// <summary>An expression that cannot be compiled; it never leaves <see cref="CelExpression"/>.</summary>
internal sealed class CelCompileException(string message) : Exception(message);
