namespace Weft.Base.Stats;

/// <summary>How soon and how densely the cells of indices are used: indices that are used alike lie together, so that pages are full or not there.</summary>
internal enum IndexUse
{
    /// <summary>As soon as they are made.</summary>
    Soon,

    /// <summary>Together, once what they belong to is used; perhaps never.</summary>
    Together,

    /// <summary>A few of many.</summary>
    Sparsely,
}

/// <summary>Hands out new indices from blocks, each for one <see cref="IndexUse"/>. 0 is never among them. Any thread.</summary>
internal sealed class IndexSpace
{
    private readonly int _blockSize;
    private readonly Lock _lock = new();
    private readonly int[] _next = new int[3];
    private int _nextBlock;

    /// <param name="blockSize">The most neighbours that can be asked for.</param>
    public IndexSpace(int blockSize) => _blockSize = _nextBlock = blockSize;

    /// <summary>The first of <paramref name="count"/> neighbours in one block.</summary>
    public int Allocate(int count, IndexUse use)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _blockSize);
        lock (_lock)
        {
            ref var next = ref _next[(int)use];
            var used = next % _blockSize;
            if (used == 0 || used + count > _blockSize)
            {
                next = _nextBlock;
                _nextBlock += _blockSize;
            }

            var first = next;
            next += count;
            return first;
        }
    }
}
