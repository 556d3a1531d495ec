namespace Weft.Base.Stats;

/// <summary>
/// How often statistics were asked for by name, and, while that is recorded, the last names. They are asked for when configuration is loaded, and never
/// on a request. Main thread.
/// </summary>
public sealed class StatLookups
{
    /// <summary>So many names are kept.</summary>
    private const int Capacity = 100;

    /// <summary>The last names, the latest one first.</summary>
    private readonly LinkedList<(string Name, long Count)> _names = [];
    private bool _isRecording;

    /// <summary>Look-ups since the start, or since <see cref="Clear"/>; they are counted also while no names are recorded.</summary>
    public long Total { get; private set; }

    /// <summary>Whether names are kept; default no. Those there are go when it ends.</summary>
    public bool IsRecording
    {
        get => _isRecording;
        set
        {
            _isRecording = value;
            if (!value)
                _names.Clear();
        }
    }

    /// <summary>The last names and how often they were asked for, the rarest first.</summary>
    public IEnumerable<(string Name, long Count)> Names => _names.OrderBy(static entry => entry.Count).ThenBy(static entry => entry.Name, StringComparer.Ordinal);

    /// <summary>Forgets names and total; what is recorded stays recorded.</summary>
    public void Clear()
    {
        _names.Clear();
        Total = 0;
    }

    internal void Add(string prefix, string suffix)
    {
        Total++;
        if (_isRecording)
            Record(prefix + suffix);
    }

    private void Record(string name)
    {
        var count = 1L;
        for (var node = _names.First; node is not null; node = node.Next)
        {
            if (node.Value.Name != name)
                continue;
            count += node.Value.Count;
            _names.Remove(node);
            break;
        }

        _names.AddFirst((name, count));
        if (_names.Count > Capacity)
            _names.RemoveLast();
    }
}
