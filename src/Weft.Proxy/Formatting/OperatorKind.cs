namespace Weft.Proxy.Formatting;

/// <summary>Makes an operator from its text; null with the reason when the parameters are wrong.</summary>
internal delegate FormatOperator? OperatorFactory(OperatorText text, out string error);

/// <summary>An operator that exists: what may stand behind its name, and what makes it.</summary>
/// <param name="Syntax">Parameters and length.</param>
/// <param name="Create">The factory.</param>
internal sealed record OperatorKind(OperatorSyntax Syntax, OperatorFactory Create)
{
    /// <summary>An operator without parameters that needs no object of its own.</summary>
    public static OperatorKind Of(FormatOperator shared) => new(OperatorSyntax.Bare, (OperatorText _, out string error) =>
    {
        error = "";
        return shared;
    });
}
