using System.Buffers;

namespace Weft.Http.Urls;

/// <summary>
/// The path of a request before it is matched (normalize_path, merge_slashes, path_with_escaped_slashes_action), with the
/// results that Envoy's tests state. Only the part before the query is touched. What is matched is what is forwarded.
/// </summary>
public static class PathNormalization
{
    private const int StackBytes = 2048;

    /// <summary>Looks at :path, sets it when it changes, and says how to go on. A fragment is refused; <c>*</c> is left alone.</summary>
    public static PathVerdict Apply(HeaderMap headers, bool normalize, bool mergeSlashes, EscapedSlashes escapedSlashes)
    {
        var target = headers.Get(KnownHeader.Path);
        if (target.IsEmpty || target.SequenceEqual("*"u8)) return PathVerdict.Continue;
        if (target.Contains((byte)'#')) return PathVerdict.Reject;
        var query = target.IndexOf((byte)'?');
        var path = query < 0 ? target : target[..query];

        var unescape = escapedSlashes != EscapedSlashes.KeepUnchanged && SlashEscapes.Contains(path);
        if (unescape && escapedSlashes == EscapedSlashes.RejectRequest) return PathVerdict.Reject;
        var isNormal = !normalize || DotSegments.AreRemoved(path);
        if (isNormal && !unescape && !(mergeSlashes && path.IndexOf("//"u8) >= 0)) return PathVerdict.Continue;

        if (!Rewrite(headers, path, target[path.Length..], unescape, normalize, mergeSlashes)) return PathVerdict.Reject;
        return unescape && escapedSlashes == EscapedSlashes.UnescapeAndRedirect ? PathVerdict.Redirect : PathVerdict.Continue;
    }

    private static bool Rewrite(HeaderMap headers, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, bool unescape, bool normalize, bool mergeSlashes)
    {
        var most = DotSegments.MaxLength(path.Length);
        var needed = path.Length + most + query.Length;
        var rented = needed > StackBytes ? ArrayPool<byte>.Shared.Rent(needed) : null;
        Span<byte> buffer = rented ?? stackalloc byte[StackBytes];
        var unescaped = buffer[..path.Length];
        var result = buffer.Slice(path.Length, most + query.Length);

        // In this order, so that a slash that was escaped can end a dot segment, and slashes that dot segments leave side by side are merged.
        path.CopyTo(unescaped);
        if (unescape) unescaped = unescaped[..SlashEscapes.Decode(unescaped, unescaped)];
        var length = unescaped.Length;
        var valid = true;
        if (normalize) valid = DotSegments.TryRemove(unescaped, result, out length);
        else unescaped.CopyTo(result);
        if (valid)
        {
            if (mergeSlashes) length = MergeSlashes(result[..length]);
            query.CopyTo(result[length..]);
            headers.Set(KnownHeader.Path, result[..(length + query.Length)]);
        }

        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return valid;
    }

    /// <summary>Makes one slash of several, in place; returns the length that is left.</summary>
    public static int MergeSlashes(Span<byte> path)
    {
        var length = 0;
        foreach (var c in path)
            if (c != '/' || length == 0 || path[length - 1] != '/') path[length++] = c;
        return length;
    }
}
