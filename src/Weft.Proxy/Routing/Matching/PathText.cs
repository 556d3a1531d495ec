namespace Weft.Proxy.Routing.Matching;

/// <summary>The part of a <c>:path</c> that routes match.</summary>
internal static class PathText
{
    /// <summary>The path without query and fragment.</summary>
    public static ReadOnlySpan<byte> WithoutQuery(ReadOnlySpan<byte> path)
    {
        var end = path.IndexOfAny((byte)'?', (byte)'#');
        return end < 0 ? path : path[..end];
    }
}
