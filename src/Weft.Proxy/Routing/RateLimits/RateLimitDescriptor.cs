using System.Text;
using Weft.Base.Buffers;
using DescriptorMessage = Envoy.Extensions.Common.Ratelimit.V3.RateLimitDescriptor;

namespace Weft.Proxy.Routing.RateLimits;

/// <summary>
/// How a descriptor (a list of keys and values that a limit is looked up by) is written as bytes, with separators that no value holds.
/// </summary>
internal static class RateLimitDescriptor
{
    private const byte BetweenKeyAndValue = 1;
    private const byte EndOfEntry = 0;

    public static void WriteEntry(ByteWriter output, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        output.Write(key);
        output.Write(BetweenKeyAndValue);
        WriteValue(output, value);
        output.Write(EndOfEntry);
    }

    /// <summary>The same with a text as value.</summary>
    public static void WriteEntry(ByteWriter output, ReadOnlySpan<byte> key, string value)
    {
        output.Write(key);
        output.Write(BetweenKeyAndValue);
        output.Write(value);
        output.Write(EndOfEntry);
    }

    /// <summary>What a rate limit service is sent.</summary>
    public static DescriptorMessage ToMessage(ReadOnlySpan<byte> descriptor)
    {
        var message = new DescriptorMessage();
        while (TryReadEntry(ref descriptor, out var key, out var value))
            message.Entries.Add(new DescriptorMessage.Types.Entry { Key = Encoding.UTF8.GetString(key), Value = Encoding.UTF8.GetString(value) });
        return message;
    }

    /// <summary>Takes the next entry off what was written; false at the end.</summary>
    public static bool TryReadEntry(ref ReadOnlySpan<byte> descriptor, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = default;
        value = default;
        var end = descriptor.IndexOf(EndOfEntry);
        if (end < 0) return false;
        var entry = descriptor[..end];
        descriptor = descriptor[(end + 1)..];
        var equals = entry.IndexOf(BetweenKeyAndValue);
        key = entry[..equals];
        value = entry[(equals + 1)..];
        return true;
    }

    /// <summary>What was decoded may hold the separators: nobody shall forge entries with it.</summary>
    private static void WriteValue(ByteWriter output, ReadOnlySpan<byte> value)
    {
        for (var at = value.IndexOfAny(EndOfEntry, BetweenKeyAndValue); at >= 0; at = value.IndexOfAny(EndOfEntry, BetweenKeyAndValue))
        {
            output.Write(value[..at]);
            output.Write((byte)'?');
            value = value[(at + 1)..];
        }

        output.Write(value);
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
