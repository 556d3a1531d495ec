namespace Weft.Http.Urls;

/// <summary>What is to be done with a request after its path was looked at.</summary>
public enum PathVerdict : byte
{
    Continue,

    /// <summary>400, <c>path_normalization_failed</c>.</summary>
    Reject,

    /// <summary>307 to the path that is in the map now (400 for gRPC, whose clients do not follow).</summary>
    Redirect,
}
