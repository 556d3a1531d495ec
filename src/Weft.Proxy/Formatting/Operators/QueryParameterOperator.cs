using System.Text;
using Weft.Base.Buffers;
using Weft.Http;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>%QUERY_PARAM(X):Z%: the first value of a query parameter of the request, percent-decoded, cut after Z bytes.</summary>
internal sealed class QueryParameterOperator(string name, int maxLength) : FormatOperator
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        if (context.RequestHeaders is not { } headers)
            return false;
        var path = headers.Get(KnownHeader.Path);
        var query = path.IndexOf((byte)'?');
        if (query < 0)
            return false;
        var rest = path[(query + 1)..];
        var start = output.Length;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'&');
            var pair = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            var equals = pair.IndexOf((byte)'=');
            if (!IsName(equals < 0 ? pair : pair[..equals], output))
                continue;
            Decode(equals < 0 ? default : pair[(equals + 1)..], output);
            if (output.Length - start > maxLength)
                output.Truncate(start + maxLength);
            return true;
        }

        return false;
    }

    /// <summary>Compares a name as it stands in the query, decoding it at the end of the output and taking it away again.</summary>
    private bool IsName(ReadOnlySpan<byte> text, ByteWriter output)
    {
        if (text.IndexOf((byte)'%') < 0)
            return text.SequenceEqual(_name);
        var start = output.Length;
        Decode(text, output);
        var isName = output.Written[start..].SequenceEqual(_name);
        output.Truncate(start);
        return isName;
    }

    private static void Decode(ReadOnlySpan<byte> text, ByteWriter output)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && HexDigit(text[i + 1]) is >= 0 and var high && HexDigit(text[i + 2]) is >= 0 and var low)
            {
                output.Write((byte)((high << 4) | low));
                i += 2;
            }
            else
                output.Write(text[i]);
        }
    }

    private static int HexDigit(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
