using System.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.Routing.RateLimits;

/// <summary>
/// How a descriptor (a list of keys and values that a limit is looked up by) is written as bytes: no header value holds the separators.
/// </summary>
internal static class RateLimitDescriptor
{
    private const byte BetweenKeyAndValue = 1;
    private const byte EndOfEntry = 0;

    public static void WriteEntry(ByteWriter output, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        output.Write(key);
        output.Write(BetweenKeyAndValue);
        output.Write(value);
        output.Write(EndOfEntry);
    }

    /// <summary>For a person: <c>key=value, key=value</c>.</summary>
    public static string Describe(ReadOnlySpan<byte> descriptor)
        => Encoding.UTF8.GetString(descriptor).TrimEnd((char)EndOfEntry).Replace((char)BetweenKeyAndValue, '=').Replace(((char)EndOfEntry).ToString(), ", ", StringComparison.Ordinal);

    /// <summary>A configured descriptor, in order.</summary>
    public static byte[] Of(IEnumerable<(string Key, string Value)> entries)
    {
        var output = new ByteWriter();
        foreach (var (key, value) in entries) WriteEntry(output, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        return output.Written.ToArray();
    }
}
