using System.Runtime.CompilerServices;

namespace Weft.Http.Http2.Hpack;

/// <summary>
/// The fields that were seen lately (RFC 7541 section 2.3.2), the newest first. Bytes and entries lie in two stores that grow as they
/// are needed, up to what the size allows, so that an unused table costs nothing. One side of one connection.
/// </summary>
internal sealed class DynamicTable(int maxSize)
{
    /// <summary>What an entry counts for beyond its bytes (RFC 7541 section 4.1).</summary>
    public const int EntryOverhead = 32;

    private const int FirstStoreBytes = 512;
    private const int FirstEntries = 16;

    // Live bytes are those from the oldest entry's to _end; when the end is reached they move to the front.
    private byte[] _store = [];
    private int _end;

    // A ring: the entry with number n is at n & mask; numbers run on for ever.
    private Entry[] _entries = [];
    private uint _oldest;
    private uint _next;

    internal struct Entry
    {
        public int Start;
        public int NameLength;
        public int ValueLength;
        public KnownHeader Known;

        /// <summary>The field may not stand in a message; who refers to it later gets the same verdict without another look.</summary>
        public FieldFault Fault;

        public readonly int Size => NameLength + ValueLength + EntryOverhead;
    }

    /// <summary>Entries in the table.</summary>
    public int Count => (int)(_next - _oldest);

    /// <summary>Bytes of all entries, with their overhead.</summary>
    public int Size { get; private set; }

    public int MaxSize { get; private set; } = maxSize;

    /// <summary>The number that the next entry gets; entry numbers never repeat while both are in the table.</summary>
    public uint Next => _next;

    /// <summary>The entry with this number is still there.</summary>
    public bool Contains(uint number) => number - _oldest < _next - _oldest;

    /// <param name="index">0 for the newest.</param>
    public ref Entry At(int index) => ref AtNumber(_next - 1 - (uint)index);

    public ref Entry AtNumber(uint number) => ref _entries[number & (uint)(_entries.Length - 1)];

    public ReadOnlySpan<byte> NameOf(ref readonly Entry entry) => _store.AsSpan(entry.Start, entry.NameLength);

    public ReadOnlySpan<byte> ValueOf(ref readonly Entry entry) => _store.AsSpan(entry.Start + entry.NameLength, entry.ValueLength);

    /// <summary>Changes the size; the oldest entries go until the rest fits.</summary>
    public void Resize(int maxSize)
    {
        MaxSize = maxSize;
        EvictTo(maxSize);
    }

    /// <summary>Adds a field; what does not fit even in the empty table empties it. The spans must not be of this table. True when it was added.</summary>
    public bool Add(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, FieldFault fault)
    {
        var bytes = name.Length + value.Length;
        var size = bytes + EntryOverhead;
        EvictTo(MaxSize - size);
        if (size > MaxSize) return false;
        var start = MakeRoom(bytes);
        name.CopyTo(_store.AsSpan(start));
        value.CopyTo(_store.AsSpan(start + name.Length));
        if (Count == _entries.Length) GrowEntries();
        AtNumber(_next++) = new Entry { Start = start, NameLength = name.Length, ValueLength = value.Length, Known = known, Fault = fault };
        _end = start + bytes;
        Size += size;
        return true;
    }

    private void EvictTo(int size)
    {
        while (Size > size && Count > 0) Size -= AtNumber(_oldest++).Size;
        if (Count == 0) _oldest = _next;
    }

    /// <summary>Room for so many bytes behind the live ones, which may have to move to the front.</summary>
    private int MakeRoom(int bytes)
    {
        if (_end + bytes <= _store.Length) return _end;
        var first = Count > 0 ? AtNumber(_oldest).Start : _end;
        var live = _end - first;
        // Twice what is live, so that moving is rare.
        var wanted = Math.Max(FirstStoreBytes, (live + bytes) * 2);
        var store = wanted > _store.Length ? GC.AllocateUninitializedArray<byte>(wanted) : _store;
        _store.AsSpan(first, live).CopyTo(store);
        _store = store;
        for (var number = _oldest; number != _next; number++) AtNumber(number).Start -= first;
        return live;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowEntries()
    {
        var larger = new Entry[Math.Max(FirstEntries, _entries.Length * 2)];
        for (var number = _oldest; number != _next; number++) larger[number & (uint)(larger.Length - 1)] = AtNumber(number);
        _entries = larger;
    }
}
