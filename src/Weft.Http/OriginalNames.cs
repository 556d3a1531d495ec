namespace Weft.Http;

/// <summary>
/// The names of a message's headers as its sender wrote them (header_key_format: preserve_case), for peers that look at capitals. Belongs
/// to a <see cref="HeaderMap"/> and is reused with it.
/// </summary>
public sealed class OriginalNames
{
    private readonly List<int> _ends = [];
    private byte[] _bytes = new byte[512];
    private int _used;

    /// <summary>Headers that were added on the way are written in Proper-Case; else in lower case.</summary>
    public bool IsProperForOthers { get; internal set; }

    internal void Clear()
    {
        _ends.Clear();
        _used = 0;
    }

    internal void Add(ReadOnlySpan<byte> name)
    {
        if (_used + name.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + name.Length));
        name.CopyTo(_bytes.AsSpan(_used));
        _used += name.Length;
        _ends.Add(_used);
    }

    /// <summary>How a lower-case name was written first; empty when it was not among them.</summary>
    internal ReadOnlySpan<byte> Find(ReadOnlySpan<byte> name)
    {
        var start = 0;
        foreach (var end in _ends)
        {
            if (end - start == name.Length && System.Text.Ascii.EqualsIgnoreCase(_bytes.AsSpan(start, name.Length), name))
                return _bytes.AsSpan(start, name.Length);
            start = end;
        }

        return default;
    }

    internal void CopyFrom(OriginalNames other)
    {
        Clear();
        IsProperForOthers = other.IsProperForOthers;
        if (_bytes.Length < other._used)
            _bytes = new byte[other._bytes.Length];
        other._bytes.AsSpan(0, other._used).CopyTo(_bytes);
        _used = other._used;
        _ends.AddRange(other._ends);
    }
}
