namespace Weft.Proxy.Clusters.Calls;

/// <summary>Hears how a <see cref="ClusterCall"/> ended; on its thread.</summary>
internal interface IClusterCallHandler
{
    /// <summary>The call is over and may be used again after this; its response can be read until this returns.</summary>
    /// <param name="status">Of the response; 0: there is none (no endpoint, no connection, too late).</param>
    void OnCallEnd(ClusterCall call, int status);
}
