using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Weft.Http;

/// <summary>
/// The texts of the known headers, and the way from a text to its id: a hash of the length and the first 16 bytes picks a
/// row that is compared with them, so that most received names cost one multiplication and one look into memory. Immutable.
/// </summary>
internal static class KnownHeaderNames
{
    private const int RowCount = 512;
    private const int HeadBytes = 16;

    /// <summary>The first 16 bytes of a name, filled with zeros, its length and its id. Length 0: no name.</summary>
    private struct Row
    {
        public ulong Low;
        public ulong High;
        public int Length;
        public KnownHeader Known;
    }

    private static readonly byte[][] Names = BuildNames();
    private static readonly Row[] Rows = BuildRows();

    /// <summary>The name of <paramref name="known"/>; empty for None.</summary>
    public static byte[] BytesOf(KnownHeader known) => Names[(int)known];

    public static bool IsPseudo(KnownHeader known) => known is >= KnownHeader.Method and <= KnownHeader.Status;

    /// <summary>The id of a lower-case name; None when it is not known.</summary>
    public static KnownHeader Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return KnownHeader.None;
        return Find(HeadOf(name), ref MemoryMarshal.GetReference(name), name.Length);
    }

    /// <summary>The same for the <paramref name="length"/> bytes at <paramref name="name"/>, of which <paramref name="head"/> has the first 16, filled with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KnownHeader Find(Vector128<byte> head, ref byte name, int length)
    {
        var low = head.AsUInt64().ToScalar();
        var high = head.AsUInt64().GetElement(1);
        for (var i = Hash(low, high, length); ; i = (i + 1) % RowCount)
        {
            ref var row = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Rows), i);
            if (row.Low == low && row.High == high && row.Length == length && (length <= HeadBytes || RestMatches(ref name, length, row.Known)))
                return row.Known;
            if (row.Length == 0) return KnownHeader.None;
        }
    }

    private static bool RestMatches(ref byte name, int length, KnownHeader known)
        => MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref name, HeadBytes), length - HeadBytes).SequenceEqual(BytesOf(known).AsSpan(HeadBytes));

    private static Vector128<byte> HeadOf(ReadOnlySpan<byte> name)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        head.Clear();
        name[..Math.Min(name.Length, HeadBytes)].CopyTo(head);
        return Vector128.Create<byte>(head);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Hash(ulong low, ulong high, int length)
        => (nuint)((((high << 21) | (high >> 43)) + low + (uint)length) * 0x9E3779B97F4A7C15 >> 55);

    private static Row[] BuildRows()
    {
        var rows = new Row[RowCount];
        for (var known = KnownHeader.None + 1; known < KnownHeader.Count; known++)
        {
            var name = BytesOf(known);
            var head = HeadOf(name).AsUInt64();
            var i = Hash(head[0], head[1], name.Length);
            while (rows[i].Length != 0) i = (i + 1) % RowCount;
            rows[i] = new Row { Low = head[0], High = head[1], Length = name.Length, Known = known };
        }

        return rows;
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
