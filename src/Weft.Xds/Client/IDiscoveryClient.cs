namespace Weft.Xds.Client;

/// <summary>What both protocols (state of the world, delta) let their user do. One thread.</summary>
public interface IDiscoveryClient
{
    /// <summary>Asks for a resource, or with null for all of the type, with the next <see cref="Flush"/>.</summary>
    void Watch(ResourceType type, string? name);

    /// <summary>Takes one <see cref="Watch"/> back.</summary>
    void Unwatch(ResourceType type, string? name);

    /// <summary>A resource is not in use any more, though it is asked for still: the next stream does not begin with it as known.</summary>
    void Forget(ResourceType type, string name);

    /// <summary>Another server is asked next: what its versions mean is not known, so that it is told of none.</summary>
    void ForgetVersions();

    /// <summary>Sends what has changed in what is asked for, in one request for each type.</summary>
    void Flush();

    /// <summary>A new stream is open: everything is asked for again, with what is known.</summary>
    void OnOpened();

    /// <summary>The stream is gone.</summary>
    void OnClosed();
}
