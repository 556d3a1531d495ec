using System.Formats.Asn1;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>What stands in a certificate, read from its DER form. A certificate that cannot be read in full has empty parts. Any thread.</summary>
public sealed class CertificateInfo
{
    private const string SubjectAltNameId = "2.5.29.17";
    private const string KeyUsageId = "2.5.29.15";
    private const string BasicConstraintsId = "2.5.29.19";
    private const string FeatureId = "1.3.6.1.5.5.7.1.24";
    private const string EllipticCurveKeyId = "1.2.840.10045.2.1";
    private string? _sha256;
    private string? _sha1;
    private string? _pem;

    public CertificateInfo(byte[] der)
    {
        Der = der;
        try
        {
            Read(new AsnReader(der, AsnEncodingRules.DER));
        }
        catch (Exception error) when (error is AsnContentException or CryptographicException)
        {
            // The library has accepted it, so this is about exotic contents: what was read up to here stays.
        }
    }

    public byte[] Der { get; }

    /// <summary>RFC 2253: the most specific part first, <c>CN=a,O=b</c>.</summary>
    public string Subject { get; private set; } = "";

    public string Issuer { get; private set; } = "";

    /// <summary>Lower-case hexadecimal, two digits per byte, no leading bytes of zero.</summary>
    public string SerialNumber { get; private set; } = "";

    /// <summary>The same as a number.</summary>
    internal BigInteger SerialValue { get; private set; }

    public DateTimeOffset NotBefore { get; private set; }

    public DateTimeOffset NotAfter { get; private set; }

    /// <summary>In their order.</summary>
    public IReadOnlyList<SubjectAltName> SubjectAltNames { get; private set; } = [];

    /// <summary>The common name; empty when there is none.</summary>
    public string CommonName { get; private set; } = "";

    /// <summary>The organizations of the subject, in their order.</summary>
    public IReadOnlyList<string> Organizations { get; private set; } = [];

    /// <summary>The identifiers of the extensions, in their order.</summary>
    public IReadOnlyList<string> ExtensionIds { get; private set; } = [];

    /// <summary>The object identifier of the curve of an elliptic-curve key; empty for other keys.</summary>
    public string CurveId { get; private set; } = "";

    /// <summary>It may sign certificates or revocation lists: it is an authority's, no end entity's.</summary>
    public bool IsAuthority { get; private set; }

    /// <summary>Whoever shows it promises an OCSP response with it (RFC 7633: the TLS feature status_request, "must staple").</summary>
    public bool RequiresStaple { get; private set; }

    /// <summary>SHA-256 of the subject's public key information.</summary>
    public byte[] PublicKeySha256 { get; private set; } = [];

    /// <summary>Lower-case hexadecimal.</summary>
    public string Sha256 => _sha256 ??= Convert.ToHexStringLower(SHA256.HashData(Der));

#pragma warning disable CA5350 // a fingerprint for logs, as configured
    /// <summary>Lower-case hexadecimal.</summary>
    public string Sha1 => _sha1 ??= Convert.ToHexStringLower(SHA1.HashData(Der));
#pragma warning restore CA5350

    /// <summary>As PEM, percent-encoded for a header.</summary>
    public string UrlEncodedPem => _pem ??= EncodePem();

    /// <summary>Whole days from <paramref name="now"/> until it expires; 0 when it has.</summary>
    public long DaysUntilExpiration(DateTimeOffset now) => NotAfter <= now ? 0 : (long)(NotAfter - now).TotalDays;

    internal static unsafe byte[] ReadDer(nint certificate)
    {
        var length = LibCrypto.i2d_X509(certificate, null);
        if (length <= 0)
            return [];
        var der = new byte[length];
        fixed (byte* start = der)
        {
            var position = start;
            _ = LibCrypto.i2d_X509(certificate, &position);
        }
        return der;
    }

    /// <summary>RFC 5280 section 4.1.</summary>
    private void Read(AsnReader reader)
    {
        var body = reader.ReadSequence().ReadSequence();
        if (body.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
            body.ReadEncodedValue();
        SerialValue = body.ReadInteger();
        SerialNumber = Hex(SerialValue);
        body.ReadEncodedValue();
        Issuer = DistinguishedName.Format(body.ReadEncodedValue(), out _);
        var validity = body.ReadSequence();
        NotBefore = ReadTime(validity);
        NotAfter = ReadTime(validity);
        var subject = body.ReadEncodedValue();
        Subject = DistinguishedName.Format(subject, out var commonName);
        CommonName = commonName;
        Organizations = DistinguishedName.Organizations(subject);
        var key = body.ReadEncodedValue();
        PublicKeySha256 = SHA256.HashData(key.Span);
        ReadKey(new AsnReader(key, AsnEncodingRules.DER).ReadSequence());
        while (body.HasData)
        {
            var tag = body.PeekTag();
            if (tag.HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 3)))
                ReadExtensions(body.ReadSequence(tag).ReadSequence());
            else
                body.ReadEncodedValue();
        }
    }

    private void ReadKey(AsnReader key)
    {
        var algorithm = key.ReadSequence();
        if (algorithm.ReadObjectIdentifier() == EllipticCurveKeyId && algorithm.HasData && algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier))
            CurveId = algorithm.ReadObjectIdentifier();
    }

    private void ReadExtensions(AsnReader extensions)
    {
        var ids = new List<string>();
        ExtensionIds = ids;
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var id = extension.ReadObjectIdentifier();
            ids.Add(id);
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
                extension.ReadBoolean();
            ReadExtension(id, new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER));
        }
    }

    /// <summary>RFC 5280 section 4.2.1.</summary>
    private void ReadExtension(string id, AsnReader value)
    {
        const int KeyCertSign = 5, CrlSign = 6;
        switch (id)
        {
            case SubjectAltNameId:
                SubjectAltNames = ReadNames(value.ReadSequence());
                break;
            case BasicConstraintsId:
                var constraints = value.ReadSequence();
                IsAuthority |= constraints.HasData && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
                break;
            case KeyUsageId:
                var usages = value.ReadNamedBitList();
                IsAuthority |= (usages.Length > KeyCertSign && usages[KeyCertSign]) || (usages.Length > CrlSign && usages[CrlSign]);
                break;
            case FeatureId:
                RequiresStaple = HasStatusRequest(value.ReadSequence());
                break;
        }
    }

    private static bool HasStatusRequest(AsnReader features)
    {
        const int StatusRequest = 5;
        while (features.HasData)
        {
            if (features.ReadInteger() == StatusRequest)
                return true;
        }
        return false;
    }

    private static List<SubjectAltName> ReadNames(AsnReader names)
    {
        var result = new List<SubjectAltName>();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            var encoded = names.ReadEncodedValue();
            if (tag.TagClass != TagClass.ContextSpecific)
                continue;
            switch (tag.TagValue)
            {
                case 0: AddOtherName(encoded, tag, result); break;
                case 1: result.Add(new SubjectAltName(SubjectAltNameKind.Email, Text(encoded, tag))); break;
                case 2: result.Add(new SubjectAltName(SubjectAltNameKind.Dns, Text(encoded, tag))); break;
                case 6: result.Add(new SubjectAltName(SubjectAltNameKind.Uri, Text(encoded, tag))); break;
                case 7: AddAddress(encoded, tag, result); break;
            }
        }
        return result;
    }

    private static string Text(ReadOnlyMemory<byte> encoded, Asn1Tag tag) =>
        Encoding.Latin1.GetString(new AsnReader(encoded, AsnEncodingRules.DER).ReadOctetString(tag));

    private static void AddAddress(ReadOnlyMemory<byte> encoded, Asn1Tag tag, List<SubjectAltName> result)
    {
        var bytes = new AsnReader(encoded, AsnEncodingRules.DER).ReadOctetString(tag);
        if (bytes.Length is 4 or 16)
            result.Add(new SubjectAltName(SubjectAltNameKind.IP, new IPAddress(bytes).ToString()));
    }

    private static void AddOtherName(ReadOnlyMemory<byte> encoded, Asn1Tag tag, List<SubjectAltName> result)
    {
        var other = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence(tag);
        var id = other.ReadObjectIdentifier();
        var value = other.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        var kind = (UniversalTagNumber)value.PeekTag().TagValue;
        if (kind is UniversalTagNumber.UTF8String or UniversalTagNumber.IA5String or UniversalTagNumber.PrintableString or UniversalTagNumber.BMPString)
            result.Add(new SubjectAltName(SubjectAltNameKind.Other, value.ReadCharacterString(kind), id));
    }

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static string Hex(BigInteger value)
    {
        var digits = value.IsZero ? "0" : Convert.ToHexStringLower(BigInteger.Abs(value).ToByteArray(isUnsigned: true, isBigEndian: true));
        return value.Sign < 0 ? "-" + digits : digits;
    }

    private string EncodePem()
    {
        var result = new StringBuilder();
        foreach (var character in PemEncoding.WriteString("CERTIFICATE", Der) + "\n")
        {
            if (char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~')
                result.Append(character);
            else
                result.Append(System.Globalization.CultureInfo.InvariantCulture, $"%{(int)character:X2}");
        }
        return result.ToString();
    }
}

/// <summary>The kinds of names a certificate may hold beside its subject.</summary>
public enum SubjectAltNameKind : byte { Dns, Uri, IP, Email, Other }

/// <summary>One subject alternative name.</summary>
/// <param name="Text">As text; may hold any byte a hostile issuer put there, a NUL included.</param>
/// <param name="OtherId">The type of an otherName.</param>
public readonly record struct SubjectAltName(SubjectAltNameKind Kind, string Text, string OtherId = "")
{
    /// <summary>It pretends to be another name to those who take NUL for its end.</summary>
    public bool HasNul => Text.Contains('\0', StringComparison.Ordinal);
}
