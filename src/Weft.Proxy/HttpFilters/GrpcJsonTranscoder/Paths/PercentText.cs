using System.Buffers;
using System.Buffers.Text;
using Weft.Base.Buffers;
using UrlUnescapeSpec = Envoy.Extensions.Filters.Http.GrpcJsonTranscoder.V3.GrpcJsonTranscoder.Types.UrlUnescapeSpec;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;

/// <summary>Percent-encoded text of paths and queries.</summary>
internal static class PercentText
{
    /// <summary>RFC 6570 section 1.5.</summary>
    private static readonly SearchValues<byte> s_reserved = SearchValues.Create("!#$&'()*+,/:;=?@[]"u8);

    /// <summary>Appends what a text means, as far as the specification lets it be decoded; what is no escape stays as it is.</summary>
    /// <param name="plusIsSpace">query_param_unescape_plus.</param>
    public static void Decode(ReadOnlySpan<byte> text, UrlUnescapeSpec spec, bool plusIsSpace, ByteWriter output)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && Utf8Parser.TryParse(text.Slice(i + 1, 2), out byte decoded, out var read, 'x') && read == 2 && MayDecode(decoded, spec))
            {
                output.Write(decoded);
                i += 2;
            }
            else
            {
                output.Write(plusIsSpace && text[i] == '+' ? (byte)' ' : text[i]);
            }
        }
    }

    private static bool MayDecode(byte decoded, UrlUnescapeSpec spec) => spec switch
    {
        UrlUnescapeSpec.AllCharactersExceptReserved => !s_reserved.Contains(decoded),
        UrlUnescapeSpec.AllCharactersExceptSlash => decoded != '/',
        _ => true,
    };
}
