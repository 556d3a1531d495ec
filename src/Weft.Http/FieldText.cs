using System.Buffers;

namespace Weft.Http;

/// <summary>What may stand in a header field (RFC 9110 section 5): for headers that come from elsewhere than a codec, which checks its own. Any thread; no allocation.</summary>
public static class FieldText
{
    private static readonly SearchValues<byte> s_nameCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static readonly SearchValues<byte> s_controls = SearchValues.Create([.. Enumerable.Range(0, 32).Where(static c => c != '\t').Select(static c => (byte)c), 127]);

    /// <summary>A token, or one behind a colon (a pseudo-header).</summary>
    public static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name is [(byte)':', ..]) name = name[1..];
        return !name.IsEmpty && !name.ContainsAnyExcept(s_nameCharacters);
    }

    /// <summary>No control characters but tabs.</summary>
    public static bool IsValue(ReadOnlySpan<byte> value) => !value.ContainsAny(s_controls);
}
