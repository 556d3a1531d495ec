namespace Weft.Fuzz;

/// <summary>A sequence of inputs that depends on nothing but its seed; it ends with the first finding.</summary>
public interface IFuzzRun
{
    /// <summary>Inputs so far.</summary>
    long Inputs { get; }

    /// <summary>What was read as complete.</summary>
    long Messages { get; }

    /// <summary>Inputs that were refused.</summary>
    long Refusals { get; }

    /// <summary>What went wrong, with the input, for a person; null while nothing did.</summary>
    string? Finding { get; }

    void Step();
}
