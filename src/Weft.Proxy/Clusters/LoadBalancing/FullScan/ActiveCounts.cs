namespace Weft.Proxy.Clusters.LoadBalancing.FullScan;

/// <summary>
/// Where the endpoints of a cluster count their active requests when all of them are compared with every pick: side by side, so that a scan
/// reads memory in a row. An endpoint keeps its place as long as it counts. Main thread; the counts themselves any thread (Interlocked).
/// </summary>
internal sealed class ActiveCounts
{
    /// <summary>Endpoints per block; a block never moves.</summary>
    public const int BlockSize = 1024;

    private readonly Stack<ActiveCountPlace> _free = new();

    /// <summary>A place that counts nothing.</summary>
    public ActiveCountPlace Take()
    {
        if (_free.Count == 0)
            AddBlock();
        return _free.Pop();
    }

    /// <summary>Nothing counts there any more.</summary>
    public void Return(ActiveCountPlace place) => _free.Push(place);

    /// <summary>The first places are taken first, so that blocks are full.</summary>
    private void AddBlock()
    {
        var block = new int[BlockSize];
        for (var i = BlockSize - 1; i >= 0; i--)
            _free.Push(new ActiveCountPlace(this, block, i));
    }
}

/// <summary>One endpoint's place in a block.</summary>
internal sealed record ActiveCountPlace(ActiveCounts Owner, int[] Block, int Index);
