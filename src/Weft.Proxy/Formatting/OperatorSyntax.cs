namespace Weft.Proxy.Formatting;

/// <summary>What may stand behind the name of an operator.</summary>
[Flags]
internal enum OperatorSyntax : byte
{
    /// <summary>Neither parameters nor a length.</summary>
    Bare = 0,
    ParametersRequired = 1,
    ParametersOptional = 2,
    LengthAllowed = 4,
}

/// <summary>An operator as written: <c>%NAME(PARAMETERS):LENGTH%</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Parameters">What stands in parentheses; "" when there are none.</param>
/// <param name="Length">The length; null when there is none.</param>
internal readonly record struct OperatorText(string Name, string Parameters, int? Length)
{
    /// <summary>Where to cut; never, when no length is given.</summary>
    public int MaxLength => Length ?? int.MaxValue;

    /// <summary>What is wrong about parameters and length; null when nothing is.</summary>
    public string? CheckAgainst(OperatorSyntax syntax)
    {
        if (syntax == OperatorSyntax.Bare && (Parameters.Length > 0 || Length is not null))
            return $"{Name} does not take any parameters or length";
        if (syntax.HasFlag(OperatorSyntax.ParametersRequired) && Parameters.Length == 0)
            return $"{Name} requires parameters";
        return !syntax.HasFlag(OperatorSyntax.LengthAllowed) && Length is not null ? $"{Name} does not allow length to be specified." : null;
    }
}
