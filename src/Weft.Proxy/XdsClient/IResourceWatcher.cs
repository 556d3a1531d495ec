namespace Weft.Proxy.XdsClient;

/// <summary>Who uses what a subscription brings. Main thread.</summary>
internal interface IResourceWatcher
{
    /// <summary>Takes an update over, as far as it can.</summary>
    /// <returns>Why it, or a part of it, was refused (the text of a NACK); null when all was taken.</returns>
    string? OnUpdate(DiscoveryUpdate update);

    /// <summary>There is nothing to be had: initial_fetch_timeout has passed, or the file cannot be read. What waits for it goes on without.</summary>
    void OnNothing();
}
