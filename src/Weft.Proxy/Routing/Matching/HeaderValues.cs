using Weft.Http;

namespace Weft.Proxy.Routing.Matching;

/// <summary>Several headers of one name as one value.</summary>
internal static class HeaderValues
{
    /// <summary>
    /// The value of the header at <paramref name="first"/>, or, when more of that name follow, all joined by commas. Valid until
    /// the map changes or the next call on this thread.
    /// </summary>
    public static ReadOnlySpan<byte> Joined(HeaderMap headers, HeaderName name, int first)
    {
        var next = headers.IndexOf(name, first + 1);
        if (next < 0) return headers.ValueAt(first);
        var joined = MatchScratch.OfThread.Joined;
        joined.Clear();
        joined.Write(headers.ValueAt(first));
        for (; next >= 0; next = headers.IndexOf(name, next + 1))
        {
            joined.Write((byte)',');
            joined.Write(headers.ValueAt(next));
        }

        return joined.Written;
    }
}
