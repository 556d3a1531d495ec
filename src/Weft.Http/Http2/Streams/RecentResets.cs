namespace Weft.Http.Http2.Streams;

/// <summary>The streams that this side has reset lately: frames on them were sent before the peer heard of it, and are no fault of its.</summary>
internal sealed class RecentResets
{
    private const int Kept = 128;

    private readonly int[] _ids = new int[Kept];
    private int _next;

    public void Add(int id) => _ids[_next++ & (Kept - 1)] = id;

    public bool Contains(int id) => _ids.AsSpan().Contains(id);
}
