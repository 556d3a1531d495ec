namespace Weft.Config;

/// <summary>What the reader lets pass.</summary>
public sealed record ReadOptions
{
    /// <summary>Fields that the API does not have give a warning and are left out, not an error. Default false (<c>--allow-unknown-static-fields</c>).</summary>
    public bool AllowUnknownFields { get; init; }

    /// <summary>Fields and extensions that Weft does not implement give a warning and have no effect, not an error. Default false (<c>--allow-unimplemented</c>).</summary>
    public bool AllowUnimplemented { get; init; }
}
