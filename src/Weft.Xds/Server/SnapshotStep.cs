namespace Weft.Xds.Server;

/// <summary>
/// How much of a change a snapshot has. In three steps no request is lost (make before break): clients have what routes and listeners refer to before they
/// hear of these, and have it still until nothing refers to it any more.
/// </summary>
public enum SnapshotStep
{
    /// <summary>Everything at once; after the others, what is gone goes.</summary>
    All,

    /// <summary>Clusters and endpoints that are new or changed, beside those that are gone; the rest is as it was.</summary>
    Clusters,

    /// <summary>Everything, and clusters and endpoints that are gone.</summary>
    AllButRemovals,
}
