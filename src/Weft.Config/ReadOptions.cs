namespace Weft.Config;

/// <summary>What becomes of fields that the API does not have.</summary>
public enum UnknownFields
{
    /// <summary>They are errors.</summary>
    Refused,

    /// <summary>They are left out, with a warning.</summary>
    Warned,

    /// <summary>They are left out in silence.</summary>
    Ignored,
}

/// <summary>What the reader lets pass.</summary>
public sealed record ReadOptions
{
    /// <summary>Default <see cref="UnknownFields.Refused"/> (<c>--allow-unknown-static-fields</c> and its relatives).</summary>
    public UnknownFields UnknownFields { get; init; }

    /// <summary>Called for each unknown field that is let pass, on the reading thread.</summary>
    public Action? UnknownFieldPassed { get; init; }

    /// <summary>Hears of warnings and notes in what comes while the proxy runs, with the name of the resource ("": the position tells), on the reading thread; null: nobody does.</summary>
    public Action<string, Finding>? WarningFound { get; init; }

    /// <summary>Fields and extensions that Weft does not implement give a warning and have no effect, not an error. Default false (<c>--allow-unimplemented</c>).</summary>
    public bool AllowUnimplemented { get; init; }

    /// <summary>Notes an unknown field that is let pass.</summary>
    /// <returns>How it is reported; null: not at all.</returns>
    internal Severity? SeverityOfUnknownField()
    {
        if (UnknownFields == UnknownFields.Refused)
            return Severity.Error;
        UnknownFieldPassed?.Invoke();
        return UnknownFields == UnknownFields.Warned ? Severity.Warning : null;
    }
}
