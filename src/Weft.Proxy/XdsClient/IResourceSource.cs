namespace Weft.Proxy.XdsClient;

/// <summary>Where resources come from: a file, a management server. Main thread.</summary>
internal interface IResourceSource
{
    /// <summary>A subscription begins: it is told what is known already, and of every change.</summary>
    void Add(Subscription subscription);

    void Remove(Subscription subscription);
}
