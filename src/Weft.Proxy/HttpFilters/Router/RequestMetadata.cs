using Weft.Proxy.Clusters.ConnectionPools;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>HTTP/2 metadata of a request that has no upstream stream yet. It is sent to the first attempt that gets one, as in Envoy. One request; worker thread.</summary>
internal sealed class RequestMetadata
{
    private readonly List<byte[]> _blocks = [];
    private int _bytes;

    /// <summary>Keeps a copy; false when more would be kept than may be.</summary>
    public bool Add(ReadOnlySpan<byte> block, int mostBytes)
    {
        if (block.Length > mostBytes - _bytes)
            return false;
        _bytes += block.Length;
        _blocks.Add(block.ToArray());
        return true;
    }

    /// <summary>Sends what there is, and lets it go.</summary>
    public void SendTo(UpstreamStream stream)
    {
        foreach (var block in _blocks)
            stream.EncodeMetadata(block);
        _blocks.Clear();
        _bytes = 0;
    }
}
