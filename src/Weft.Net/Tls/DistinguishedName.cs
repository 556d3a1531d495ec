using System.Formats.Asn1;
using System.Text;

namespace Weft.Net.Tls;

/// <summary>Names of subjects and issuers as RFC 2253 writes them.</summary>
internal static class DistinguishedName
{
    private const string CommonNameId = "2.5.4.3";
    private const string OrganizationId = "2.5.4.10";

    public static string Format(ReadOnlyMemory<byte> encoded, out string commonName)
    {
        commonName = "";
        var parts = new List<string>();
        var name = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        while (name.HasData)
        {
            var attributes = name.ReadSetOf();
            var together = new List<string>();
            while (attributes.HasData)
            {
                var attribute = attributes.ReadSequence();
                var id = attribute.ReadObjectIdentifier();
                var text = ReadText(attribute);
                if (id == CommonNameId)
                    commonName = text;
                together.Add($"{ShortName(id)}={Escape(text)}");
            }
            together.Reverse();
            parts.Add(string.Join('+', together));
        }
        parts.Reverse();
        return string.Join(',', parts);
    }

    /// <summary>In their order.</summary>
    public static List<string> Organizations(ReadOnlyMemory<byte> encoded)
    {
        var result = new List<string>();
        var name = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        while (name.HasData)
        {
            var attributes = name.ReadSetOf();
            while (attributes.HasData)
            {
                var attribute = attributes.ReadSequence();
                if (attribute.ReadObjectIdentifier() == OrganizationId)
                    result.Add(ReadText(attribute));
            }
        }
        return result;
    }

    private static string ReadText(AsnReader attribute)
    {
        var kind = (UniversalTagNumber)attribute.PeekTag().TagValue;
        return kind switch
        {
            UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.T61String
                or UniversalTagNumber.BMPString or UniversalTagNumber.NumericString or UniversalTagNumber.VisibleString => attribute.ReadCharacterString(kind),
            _ => '#' + Convert.ToHexString(attribute.ReadEncodedValue().Span),
        };
    }

    private static string ShortName(string id) => id switch
    {
        CommonNameId => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        OrganizationId => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.17" => "postalCode",
        "2.5.4.42" => "GN",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => id,
    };

    private static string Escape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            var atEdge = (i == 0 && character is ' ' or '#') || (i == text.Length - 1 && character == ' ');
            if (character < ' ' || character == 127)
            {
                result.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\{(int)character:X2}");
                continue;
            }
            if (atEdge || character is ',' or '+' or '"' or '\\' or '<' or '>' or ';')
                result.Append('\\');
            result.Append(character);
        }
        return result.ToString();
    }
}
