using System.Formats.Asn1;
using System.Numerics;

namespace Weft.Net.Tls;

/// <summary>An OCSP response (RFC 6960 section 4.2) to be stapled: the little of it that says what it is about and how long it may be shown. Immutable.</summary>
public sealed class OcspResponse
{
    private const string BasicResponseId = "1.3.6.1.5.5.7.48.1.1";

    private readonly BigInteger _serialNumber;

    private OcspResponse(byte[] der, BigInteger serialNumber, DateTimeOffset start, DateTimeOffset end)
    {
        Der = der;
        _serialNumber = serialNumber;
        Start = start;
        End = end;
    }

    public byte[] Der { get; }

    /// <summary>Since when it holds.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>When it ends; one that does not say so has ended, as in Envoy.</summary>
    public DateTimeOffset End { get; }

    /// <summary>Reads one; null, in Envoy's words where it has some, when it cannot be used.</summary>
    public static OcspResponse? Read(byte[] der, out string error)
    {
        try
        {
            return Read(der, new AsnReader(der, AsnEncodingRules.DER), out error);
        }
        catch (AsnContentException)
        {
            error = "OCSP Response is not a well-formed ASN.1 SEQUENCE";
            return null;
        }
    }

    /// <summary>It is about this certificate, told by its serial number alone: this is against mix-ups, whoever checks it looks at the rest.</summary>
    internal bool IsAbout(CertificateInfo certificate) => certificate.SerialValue == _serialNumber;

    private static OcspResponse? Read(byte[] der, AsnReader reader, out string error)
    {
        var response = reader.ReadSequence();
        var isSuccessful = response.ReadEnumeratedBytes().Span is [0];
        error = !isSuccessful ? "OCSP response was unsuccessful" : !response.HasData ? "OCSP response has no body" : "";
        if (error.Length > 0)
            return null;
        var bytes = response.ReadSequence(Context(0)).ReadSequence();
        var type = bytes.ReadObjectIdentifier();
        if (type != BasicResponseId)
        {
            error = $"Unknown OCSP Response type with OID: {type}";
            return null;
        }
        var responses = ReadResponses(new AsnReader(bytes.ReadOctetString(), AsnEncodingRules.DER).ReadSequence().ReadSequence());
        var single = responses.HasData ? responses.ReadSequence() : null;
        if (single is not null && !responses.HasData)
            return ReadSingle(der, single);
        error = "OCSP Response must be for one certificate only";
        return null;
    }

    /// <summary>Skips version, responder and time of the response data.</summary>
    private static AsnReader ReadResponses(AsnReader data)
    {
        if (data.PeekTag().HasSameClassAndValue(Context(0)))
            data.ReadEncodedValue();
        data.ReadEncodedValue();
        data.ReadGeneralizedTime();
        return data.ReadSequence();
    }

    private static OcspResponse ReadSingle(byte[] der, AsnReader single)
    {
        var certificate = single.ReadSequence();
        for (var i = 0; i < 3; i++)
            certificate.ReadEncodedValue(); // how names are hashed, the issuer's name, its key
        var serialNumber = certificate.ReadInteger();
        single.ReadEncodedValue();
        var start = single.ReadGeneralizedTime();
        var hasEnd = single.HasData && single.PeekTag().HasSameClassAndValue(Context(0));
        return new OcspResponse(der, serialNumber, start, hasEnd ? single.ReadSequence(Context(0)).ReadGeneralizedTime() : DateTimeOffset.MinValue);
    }

    private static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}

/// <summary>What a server does when a client asks for an OCSP response: Envoy's OcspStaplePolicy.</summary>
public enum OcspPolicy : byte
{
    /// <summary>Shows one that is there and not expired.</summary>
    Lenient,

    /// <summary>Shows one that is there; the handshake fails when it is expired.</summary>
    Strict,

    /// <summary>Shows one, or the handshake fails.</summary>
    Must,
}
