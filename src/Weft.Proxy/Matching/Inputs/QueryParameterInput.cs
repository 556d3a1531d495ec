using System.Text;
using Weft.Http;
using Weft.Http.Urls;

namespace Weft.Proxy.Matching.Inputs;

/// <summary>HttpRequestQueryParamMatchInput: the first query parameter of a name, with percent codes decoded.</summary>
internal sealed class QueryParameterInput(string name) : MatchInput
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);

    public override MatchValue Read(in MatchData data)
    {
        if (data.RequestHeaders is not { } headers || !headers.Has(KnownHeader.Path)) return MatchValue.Pending;
        foreach (var parameter in new QueryString(headers.Get(KnownHeader.Path)))
        {
            if (!Decode(parameter.Name).SequenceEqual(_name)) continue;
            return new MatchValue(Decode(parameter.Value));
        }

        return MatchValue.Absent;
    }

    public override string ToString() => $"query parameter {name}";

    private static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> text)
    {
        if (!text.Contains((byte)'%')) return text;
        var scratch = Scratch();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && Hex(text[i + 1]) is >= 0 and var high && Hex(text[i + 2]) is >= 0 and var low)
            {
                scratch.Write((byte)((high << 4) | low));
                i += 2;
            }
            else
            {
                scratch.Write(text[i]);
            }
        }

        return scratch.Written;
    }

    private static int Hex(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
