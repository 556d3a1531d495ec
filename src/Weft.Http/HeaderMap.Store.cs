using System.Runtime.CompilerServices;

namespace Weft.Http;

// The store: a line per header, one behind the other in the order of writing. A changed value is written over the old one
// when it fits, else as a new line at the end; the old line stays behind as dead bytes until the map is cleared.
public sealed partial class HeaderMap
{
    /// <summary>Bytes behind the used part that vector loads may read and short moves may write.</summary>
    internal const int Padding = 64;

    private const int FirstStoreBytes = 2048;
    private const int KeptStoreBytes = 16 * 1024 + Padding;
    private const int FirstEntries = 32;

    /// <summary>Entries that a decoder may make; a few more can still be added, up to what an index in <see cref="_first"/> can say.</summary>
    internal const int MaxDecodedEntries = 60_000;

    private byte[] _store = [];
    private int _used;
    private Entry[] _entries = new Entry[FirstEntries];
    private int _count;

    /// <summary>For each known name, one more than the index of its first entry; 0 when absent.</summary>
    private readonly ushort[] _first = new ushort[(int)KnownHeader.Count];

    /// <summary>Some known name may have more than one entry: look-ups beyond the first have to search.</summary>
    private bool _knownRepeats;

    /// <summary>Where a header lies in the store. A pseudo-header has no name there, so its line starts at its value.</summary>
    internal struct Entry
    {
        public int Line;
        public int Value;
        public int ValueLength;
        public KnownHeader Known;

        public readonly bool IsPseudo => Line == Value;

        public readonly int NameLength => Value - Line - 2;

        /// <summary>The end of the line, its CRLF included; of a pseudo-header the end of the value.</summary>
        public readonly int End => Value + ValueLength + (IsPseudo ? 0 : 2);
    }

    internal ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, _count);

    internal byte[] Store => _store;

    internal int UsedBytes => _used;

    private ref Entry EntryAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        return ref _entries[index];
    }

    private int FirstOf(KnownHeader name)
    {
        var first = _first[(int)name] - 1;
        return first < 0 && name == KnownHeader.Host ? _first[(int)KnownHeader.Authority] - 1 : first;
    }

    private int IndexOfKnown(KnownHeader name, int start)
    {
        var first = FirstOf(name);
        if (start <= first || first < 0) return first;
        if (!_knownRepeats) return -1;
        name = _entries[first].Known;
        for (var i = start; i < _count; i++)
            if (_entries[i].Known == name) return i;
        return -1;
    }

    private int IndexOfName(ReadOnlySpan<byte> name, int start)
    {
        for (var i = start; i < _count; i++)
        {
            ref var entry = ref _entries[i];
            if (entry.NameLength == name.Length && entry.Known == KnownHeader.None
                && _store.AsSpan(entry.Line, name.Length).SequenceEqual(name)) return i;
        }

        return -1;
    }

    private void AddLine(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfZero(name.Length, nameof(name));
        if (KnownHeaderNames.IsPseudo(known)) name = default;
        var line = _used;
        WriteLine(name, value, default, default);
        Register(line, name.IsEmpty ? line : line + name.Length + 2, value.Length, known);
    }

    /// <summary>Writes a line at the end: <c>name: a separator b CRLF</c>, or the values alone when there is no name.</summary>
    private void WriteLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> a, ReadOnlySpan<byte> separator, ReadOnlySpan<byte> b)
    {
        var valueLength = a.Length + separator.Length + b.Length;
        EnsureStore(name.Length + valueLength + 4);
        var free = _store.AsSpan(_used);
        if (!name.IsEmpty)
        {
            name.CopyTo(free);
            ": "u8.CopyTo(free[name.Length..]);
            free = free[(name.Length + 2)..];
            _used += name.Length + 4;
        }

        _used += valueLength;
        a.CopyTo(free);
        separator.CopyTo(free[a.Length..]);
        b.CopyTo(free[(a.Length + separator.Length)..]);
        if (!name.IsEmpty) "\r\n"u8.CopyTo(free[valueLength..]);
    }

    /// <summary>Adds an entry for bytes that are in the store already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Register(int line, int value, int valueLength, KnownHeader known)
    {
        if (_count == _entries.Length) GrowEntries();
        _entries[_count++] = new Entry { Line = line, Value = value, ValueLength = valueLength, Known = known };
        if (known == KnownHeader.None) return;
        ref var first = ref _first[(int)known];
        if (first == 0) first = (ushort)_count;
        else _knownRepeats = true;
    }

    private void GrowEntries()
    {
        if (_count == ushort.MaxValue) throw new InvalidOperationException("too many headers");
        Array.Resize(ref _entries, Math.Min(_count * 2, ushort.MaxValue));
    }

    private void ReplaceAll(int index, ReadOnlySpan<byte> value)
    {
        ReplaceAt(index, value);
        var known = _entries[index].Known;
        if (known != KnownHeader.None && !_knownRepeats) return;
        RemoveSameNamed(index);
    }

    /// <summary>Writes a value over the old one where it fits or the line is the last, else as a new line.</summary>
    private void ReplaceAt(int index, ReadOnlySpan<byte> value)
    {
        ref var entry = ref _entries[index];
        if (value.Length > entry.ValueLength && entry.End != _used)
        {
            MoveLineToEnd(ref entry, value, default, default);
            return;
        }

        if (entry.End == _used)
        {
            EnsureStore(value.Length);
            _used += value.Length - entry.ValueLength;
        }

        value.CopyTo(_store.AsSpan(entry.Value));
        entry.ValueLength = value.Length;
        EndLine(ref entry);
    }

    private void AppendAt(int index, ReadOnlySpan<byte> value, ReadOnlySpan<byte> separator)
    {
        ref var entry = ref _entries[index];
        if (value.IsEmpty) return;
        if (entry.ValueLength == 0) separator = default;
        if (entry.End != _used)
        {
            MoveLineToEnd(ref entry, _store.AsSpan(entry.Value, entry.ValueLength), separator, value);
            return;
        }

        EnsureStore(value.Length + separator.Length);
        _used += value.Length + separator.Length;
        var free = _store.AsSpan(entry.Value + entry.ValueLength);
        // The value first: it may be part of the line whose end the separator would overwrite.
        value.CopyTo(free[separator.Length..]);
        separator.CopyTo(free);
        entry.ValueLength += value.Length + separator.Length;
        EndLine(ref entry);
    }

    private void MoveLineToEnd(ref Entry entry, ReadOnlySpan<byte> a, ReadOnlySpan<byte> separator, ReadOnlySpan<byte> b)
    {
        var line = _used;
        var name = entry.IsPseudo ? default : _store.AsSpan(entry.Line, entry.NameLength);
        WriteLine(name, a, separator, b);
        entry.Value = line + (entry.Value - entry.Line);
        entry.Line = line;
        entry.ValueLength = a.Length + separator.Length + b.Length;
    }

    private void EndLine(ref Entry entry)
    {
        if (!entry.IsPseudo) "\r\n"u8.CopyTo(_store.AsSpan(entry.Value + entry.ValueLength));
    }

    private bool RemoveFrom(int first)
    {
        if (first < 0) return false;
        if (_entries[first].Known == KnownHeader.None || _knownRepeats) RemoveSameNamed(first);
        RemoveAt(first);
        return true;
    }

    /// <summary>Removes the entries behind <paramref name="index"/> that have its name.</summary>
    private void RemoveSameNamed(int index)
    {
        for (var i = _count - 1; i > index; i--)
            if (SameName(ref _entries[i], ref _entries[index])) RemoveAt(i);
    }

    private bool SameName(ref Entry a, ref Entry b)
        => a.Known == b.Known && (a.Known != KnownHeader.None
            || _store.AsSpan(a.Line, a.NameLength).SequenceEqual(_store.AsSpan(b.Line, b.NameLength)));

    /// <summary>
    /// After the entry at <paramref name="index"/> went away: first entries behind it are one further to the front, and
    /// <paramref name="gone"/>'s first entry, if it was the first, is the next of that name.
    /// </summary>
    private void RenumberFrom(int index, KnownHeader gone)
    {
        if (gone != KnownHeader.None && _knownRepeats) _first[(int)gone] = (ushort)(ScanFor(gone) + 1);
        for (var i = index; i < _count; i++)
        {
            var known = _entries[i].Known;
            if (known != KnownHeader.None && _first[(int)known] == i + 2) _first[(int)known] = (ushort)(i + 1);
        }
    }

    private int ScanFor(KnownHeader name)
    {
        for (var i = 0; i < _count; i++)
            if (_entries[i].Known == name) return i;
        return -1;
    }

    /// <summary>Room for <paramref name="more"/> bytes and the padding behind them.</summary>
    private void EnsureStore(int more)
    {
        if (_used + more + Padding > _store.Length) GrowStore(_used, more);
    }

    /// <summary>A larger store with the first <paramref name="kept"/> bytes of the old one. The old one stays valid for spans into it.</summary>
    private void GrowStore(int kept, int more)
    {
        var size = Math.Max(FirstStoreBytes, Math.Max(kept + more + Padding, _store.Length * 2));
        var larger = GC.AllocateUninitializedArray<byte>(size);
        _store.AsSpan(0, kept).CopyTo(larger);
        _store = larger;
    }
}
