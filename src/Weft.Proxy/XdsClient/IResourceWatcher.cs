namespace Weft.Proxy.XdsClient;

/// <summary>Who uses what a subscription brings. Main thread.</summary>
internal interface IResourceWatcher
{
    /// <summary>An update that is refused is taken over as far as it is good, and <see cref="DiscoveredResource.IsRefused"/> tells what of it is not; else none of it is.</summary>
    bool TakesGoodOnes => false;

    /// <summary>Takes an update over, as far as it can.</summary>
    /// <returns>Why it, or a part of it, was refused (the text of a NACK); null when all was taken.</returns>
    string? OnUpdate(DiscoveryUpdate update);

    /// <summary>There is nothing to be had: initial_fetch_timeout has passed, or the file cannot be read. What waits for it goes on without.</summary>
    void OnNothing();
}
