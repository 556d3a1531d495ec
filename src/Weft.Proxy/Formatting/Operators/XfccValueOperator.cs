using System.Text;
using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>
/// %XFCC_VALUE(X):Z%: the first value of a key in x-forwarded-client-cert, which is that of the oldest proxy that told one, without its quotes and
/// cut after Z bytes.
/// </summary>
/// <param name="key">In whatever case; the header's is ignored too.</param>
/// <param name="maxLength">Z.</param>
internal sealed class XfccValueOperator(string key, int maxLength) : FormatOperator
{
    /// <summary>The keys that the header has, in lower case.</summary>
    public static readonly string[] Keys = ["by", "hash", "cert", "chain", "subject", "uri", "dns"];

    private static readonly HeaderName s_header = new("x-forwarded-client-cert");

    private readonly byte[] _key = Encoding.ASCII.GetBytes(key);

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        if (context.RequestHeaders is not { } headers)
            return false;
        for (var at = headers.IndexOf(s_header); at >= 0; at = headers.IndexOf(s_header, at + 1))
        {
            if (TryWriteFirst(headers.ValueAt(at), output))
                return true;
        }

        return false;
    }

    private bool TryWriteFirst(ReadOnlySpan<byte> elements, ByteWriter output)
    {
        while (TryTake((byte)',', ref elements, out var element))
        {
            while (TryTake((byte)';', ref element, out var pair))
            {
                if (TryWriteValue(pair, output))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Takes what stands before the next separator outside of quotes; false at the end, and when quotes do not end.</summary>
    private static bool TryTake(byte separator, ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (rest.IsEmpty)
            return false;
        var isQuoted = false;
        var isEscaped = false;
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == separator && !isQuoted)
            {
                part = rest[..i];
                rest = rest[(i + 1)..];
                return true;
            }

            isQuoted ^= rest[i] == '"' && !isEscaped;
            isEscaped = rest[i] == '\\' && !isEscaped;
        }

        part = rest;
        rest = default;
        return !isQuoted;
    }

    private bool TryWriteValue(ReadOnlySpan<byte> pair, ByteWriter output)
    {
        var equals = pair.IndexOf((byte)'=');
        var name = equals < 0 ? pair : pair[..equals];
        if (!Ascii.EqualsIgnoreCase(Trim(name), _key))
            return false;
        var value = equals < 0 ? default : Trim(pair[(equals + 1)..]);
        if (value is [(byte)'"', .. var inner, (byte)'"'])
            value = inner;
        var start = output.Length;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length && value[i + 1] is (byte)'"' or (byte)'\\')
                i++;
            output.Write(value[i]);
        }

        if (output.Length - start > maxLength)
            output.Truncate(start + maxLength);
        return true;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t\n\v\f\r"u8);
}
