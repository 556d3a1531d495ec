namespace Weft.CommandLine;

/// <summary>One row of an option table: how an option is written, what it means, and what it is when it is not given.</summary>
/// <param name="Group">Heading under which the help lists it.</param>
/// <param name="Name">Long name without dashes.</param>
/// <param name="Argument">Placeholder of its value in the help; null for a switch.</param>
/// <param name="Help">One or two sentences.</param>
internal sealed record CommandOption(string Group, string Name, string? Argument, string Help)
{
    /// <summary>Letter of the short form; 0 for none.</summary>
    public char Short { get; init; }

    /// <summary>Value when it is not given, as text.</summary>
    public string Default { get; init; } = "";

    /// <summary>The allowed values; null: anything.</summary>
    public string[]? Choices { get; init; }

    /// <summary>The value must be a number from 0 to 4294967295.</summary>
    public bool IsNumber { get; init; }

    /// <summary>May be given more than once.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Why it has no effect yet; null when it has.</summary>
    public string? NoEffect { get; init; }

    /// <summary>Takes no value.</summary>
    public bool IsSwitch => Argument is null;
}
