using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Weft.Http;

/// <summary>
/// The texts of the known headers, and the way from a text to its id: a hash of the length and the outer bytes picks a
/// slot, whose words are then compared, so that a received name costs a multiplication and two comparisons. Immutable.
/// </summary>
internal static class KnownHeaderNames
{
    private const int SlotCount = 512;

    /// <summary>Words of a name: its first and last (up to) 8 bytes. Names of at most 16 bytes are compared by them alone.</summary>
    private struct Row
    {
        public ulong First;
        public ulong Last;
        public int Length;
    }

    private static readonly byte[][] Names = BuildNames();
    private static readonly Row[] Rows = BuildRows();
    private static readonly byte[] Slots = BuildSlots();

    /// <summary>The name of <paramref name="known"/>; empty for None.</summary>
    public static byte[] BytesOf(KnownHeader known) => Names[(int)known];

    public static bool IsPseudo(KnownHeader known) => known is >= KnownHeader.Method and <= KnownHeader.Status;

    /// <summary>The id of a lower-case name; None when it is not known.</summary>
    public static KnownHeader Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return KnownHeader.None;
        return Find(ref MemoryMarshal.GetReference(name), name.Length);
    }

    /// <summary>The same for the <paramref name="length"/> (at least 1) bytes at <paramref name="name"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KnownHeader Find(ref byte name, int length)
    {
        ReadWords(ref name, length, out var first, out var last);
        for (var slot = Hash(first, last, length); ; slot = (slot + 1) % SlotCount)
        {
            int id = Slots[slot];
            if (id == 0) return KnownHeader.None;
            ref var row = ref Rows[id];
            if (row.First == first && row.Last == last && row.Length == length && MiddleMatches(ref name, length, id))
                return (KnownHeader)id;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MiddleMatches(ref byte name, int length, int id)
        => length <= 16
            || MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref name, 8), length - 16).SequenceEqual(Names[id].AsSpan(8, length - 16));

    /// <summary>The first and last 8 bytes, overlapping in short names; below 8 bytes the same with 4, below 4 by single bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadWords(ref byte name, int length, out ulong first, out ulong last)
    {
        if (length >= 8)
        {
            first = Unsafe.ReadUnaligned<ulong>(ref name);
            last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref name, length - 8));
        }
        else if (length >= 4)
        {
            first = Unsafe.ReadUnaligned<uint>(ref name);
            last = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref name, length - 4));
        }
        else
        {
            first = name;
            last = (uint)(Unsafe.Add(ref name, length >> 1) << 8 | Unsafe.Add(ref name, length - 1));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Hash(ulong first, ulong last, int length)
        => (int)((((first * 0x9E3779B97F4A7C15) ^ last) * 0xD6E8FEB86659FD93 + (ulong)length * 0xA0761D6478BD642F) >> 55);

    private static Row[] BuildRows()
    {
        var rows = new Row[Names.Length];
        for (var id = 1; id < Names.Length; id++)
        {
            ReadWords(ref Names[id][0], Names[id].Length, out rows[id].First, out rows[id].Last);
            rows[id].Length = Names[id].Length;
        }

        return rows;
    }

    private static byte[] BuildSlots()
    {
        var slots = new byte[SlotCount];
        for (var id = 1; id < Names.Length; id++)
        {
            var slot = Hash(Rows[id].First, Rows[id].Last, Rows[id].Length);
            while (slots[slot] != 0) slot = (slot + 1) % SlotCount;
            slots[slot] = (byte)id;
        }

        return slots;
    }

    private static byte[][] BuildNames()
    {
        var names = new byte[(int)KnownHeader.Count][];
        names[0] = [];
        for (var id = 1; id < names.Length; id++) names[id] = Encoding.ASCII.GetBytes(TextOf((KnownHeader)id));
        return names;
    }

    private static string TextOf(KnownHeader known) => known switch
    {
        KnownHeader.Method or KnownHeader.Path or KnownHeader.Authority or KnownHeader.Scheme or KnownHeader.Protocol
            or KnownHeader.Status => ':' + Kebab(known),
        KnownHeader.XEnvoyUpstreamHealthCheckedCluster => "x-envoy-upstream-healthchecked-cluster",
        KnownHeader.XEnvoyRateLimited => "x-envoy-ratelimited",
        KnownHeader.XB3TraceId => "x-b3-traceid",
        KnownHeader.XB3SpanId => "x-b3-spanid",
        KnownHeader.XB3ParentSpanId => "x-b3-parentspanid",
        _ => Kebab(known),
    };

    /// <summary>XForwardedFor becomes x-forwarded-for: most ids are spelt as their header is.</summary>
    private static string Kebab(KnownHeader known)
    {
        var id = known.ToString();
        var text = new StringBuilder(id.Length + 8);
        for (var i = 0; i < id.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(id[i])) text.Append('-');
            text.Append(char.ToLowerInvariant(id[i]));
        }

        return text.ToString();
    }
}
