using System.Buffers;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>Values in queries and in bodies of forms, escaped as Envoy does it. No allocation.</summary>
internal static class FormText
{
    private static readonly SearchValues<byte> s_plain = SearchValues.Create("*-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Appends a value of the address that a browser is sent to: all but letters, digits and <c>*-._</c> is escaped.</summary>
    public static void WriteQuery(ReadOnlySpan<byte> value, ByteWriter output)
    {
        foreach (var one in value)
        {
            if (s_plain.Contains(one)) output.Write(one);
            else WriteEscape(one, output);
        }
    }

    /// <summary>Appends a value of the body that the token endpoint gets: only what would divide it otherwise is escaped.</summary>
    /// <param name="keepsDelimiters">Of <c>:/=&amp;?</c> nothing is escaped.</param>
    public static void WriteBody(ReadOnlySpan<byte> value, ByteWriter output, bool keepsDelimiters = false)
    {
        foreach (var one in value)
        {
            if (one is < (byte)' ' or >= (byte)'~' || (!keepsDelimiters && ":/=&?"u8.Contains(one))) WriteEscape(one, output);
            else output.Write(one);
        }
    }

    private static void WriteEscape(byte value, ByteWriter output)
    {
        output.Write((byte)'%');
        output.Write("0123456789ABCDEF"u8[value >> 4]);
        output.Write("0123456789ABCDEF"u8[value & 15]);
    }
}
