namespace Weft.Observe.Proxies;

/// <summary>Gives proxies names that differ, also when their nodes are called the same. Loop thread.</summary>
internal sealed class ProxyNames
{
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);

    /// <summary>The name of the proxy at an address: its node's, if no other has it.</summary>
    public string Claim(string node, string address)
    {
        if (_addresses.TryAdd(node, address) || _addresses[node] == address)
            return node;
        return $"{node} ({address})";
    }

    public void Release(string name, string address)
    {
        if (_addresses.TryGetValue(name, out var owner) && owner == address)
            _addresses.Remove(name);
    }
}
