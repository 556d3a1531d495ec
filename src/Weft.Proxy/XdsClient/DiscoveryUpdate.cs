using Weft.Config;

namespace Weft.Proxy.XdsClient;

/// <summary>What one response says. Main thread; not kept by those who are told.</summary>
internal sealed class DiscoveryUpdate(string version, bool isDelta, IReadOnlyList<DiscoveredResource> resources, IReadOnlyList<string> removed)
{
    private Dictionary<string, DiscoveredResource>? _byName;

    /// <summary>version_info, or system_version_info of a delta response.</summary>
    public string Version => version;

    /// <summary>Resources are those that changed, and <see cref="Removed"/> says what is gone; else they are all there are.</summary>
    public bool IsDelta => isDelta;

    public IReadOnlyList<DiscoveredResource> Resources => resources;

    /// <summary>Names of resources that are gone.</summary>
    public IReadOnlyList<string> Removed => removed;

    /// <summary>Resources without a body: they are as they were, only their ttl begins anew. They do not concern watchers.</summary>
    public IReadOnlyList<DiscoveredResource> Heartbeats { get; init; } = [];

    /// <summary>There is nothing but heartbeats.</summary>
    public bool IsHeartbeat => Heartbeats.Count > 0 && resources.Count + removed.Count == 0;

    /// <summary>Once it has been delivered: tells what was found beside faults.</summary>
    /// <param name="tell">Null: nobody is told.</param>
    public void TellWarnings(Action<string, Finding>? tell)
    {
        if (tell is null)
            return;
        foreach (var resource in resources)
            resource.TellWarnings(tell);
    }

    /// <summary>The resource of a name; the first when a name stands twice.</summary>
    public DiscoveredResource? Find(string name)
    {
        if (_byName is null)
        {
            _byName = new Dictionary<string, DiscoveredResource>(resources.Count, StringComparer.Ordinal);
            foreach (var resource in resources)
                _byName.TryAdd(resource.Name, resource);
        }

        return _byName.GetValueOrDefault(name);
    }
}
