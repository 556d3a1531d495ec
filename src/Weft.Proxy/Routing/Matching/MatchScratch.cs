using System.Text;
using System.Text.Unicode;
using Weft.Base.Buffers;

namespace Weft.Proxy.Routing.Matching;

/// <summary>Buffers of one thread that matching works in; they grow to the largest value seen and are kept.</summary>
internal sealed class MatchScratch
{
    [ThreadStatic]
    private static MatchScratch? s_ofThread;

    private char[] _chars = new char[256];

    /// <summary>The calling thread's.</summary>
    public static MatchScratch OfThread => s_ofThread ??= new MatchScratch();

    /// <summary>For joined header values; a matcher that it is handed to must not use it again.</summary>
    public ByteWriter Joined { get; } = new();

    /// <summary>For what inputs of matchers have to write first.</summary>
    public ByteWriter Input { get; } = new();

    /// <summary>For formatted header values.</summary>
    public ByteWriter Formatted { get; } = new();

    /// <summary>For rewritten paths and hosts.</summary>
    public ByteWriter Rewritten { get; } = new();

    /// <summary>
    /// The text of UTF-8 bytes, valid until the next call. What is no UTF-8 becomes U+FFFD, so that <c>.</c> in an
    /// expression sees it: an expression that forbids a path cannot be evaded by a broken byte.
    /// </summary>
    public ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes)
    {
        if (_chars.Length < bytes.Length) _chars = new char[Math.Max(bytes.Length, _chars.Length * 2)];
        if (Ascii.ToUtf16(bytes, _chars, out var written) != System.Buffers.OperationStatus.Done)
            Utf8.ToUtf16(bytes, _chars, out _, out written);
        return _chars.AsSpan(0, written);
    }
}
