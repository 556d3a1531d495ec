using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>
/// Where the statistics of one metric stand, in blocks: of very many, a list that doubles would leave as much again unused, and as much as garbage.
/// Main thread.
/// </summary>
internal sealed class StatHandleList
{
    /// <summary>Most metrics have few statistics; those of clusters have as many as there are clusters.</summary>
    private const int FirstBlockLength = 16;

    private const int BlockLength = 512;

    private readonly List<StatHandle[]> _blocks = [];
    private int _inLast;

    public void Add(StatHandle handle)
    {
        if (_blocks.Count == 0 || _inLast == _blocks[^1].Length)
        {
            _blocks.Add(new StatHandle[_blocks.Count == 0 ? FirstBlockLength : BlockLength]);
            _inLast = 0;
        }

        _blocks[^1][_inLast++] = handle;
    }

    /// <summary>Makes a list hold the same.</summary>
    public void CopyTo(List<StatHandle> list)
    {
        list.Clear();
        for (var i = 0; i < _blocks.Count; i++)
            list.AddRange(_blocks[i].AsSpan(0, i == _blocks.Count - 1 ? _inLast : _blocks[i].Length));
    }
}
