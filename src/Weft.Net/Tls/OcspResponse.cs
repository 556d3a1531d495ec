using System.Formats.Asn1;

namespace Weft.Net.Tls;

/// <summary>The little of an OCSP response (RFC 6960 section 4.2) that says how long it may be shown.</summary>
internal static class OcspResponse
{
    /// <summary>When the response ends; MaxValue when it does not say, MinValue when it cannot be read or is no good answer.</summary>
    public static DateTimeOffset ReadEnd(byte[] der)
    {
        try
        {
            return Read(new AsnReader(der, AsnEncodingRules.DER));
        }
        catch (AsnContentException)
        {
            return DateTimeOffset.MinValue;
        }
    }

    private static DateTimeOffset Read(AsnReader reader)
    {
        var response = reader.ReadSequence();
        var isSuccessful = response.ReadEnumeratedBytes().Span is [0];
        if (!isSuccessful)
            return DateTimeOffset.MinValue;
        var bytes = response.ReadSequence(Context(0)).ReadSequence();
        bytes.ReadObjectIdentifier();
        var data = new AsnReader(bytes.ReadOctetString(), AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (data.PeekTag().HasSameClassAndValue(Context(0)))
            data.ReadEncodedValue();
        data.ReadEncodedValue();
        data.ReadGeneralizedTime();
        var single = data.ReadSequence().ReadSequence();
        single.ReadEncodedValue();
        single.ReadEncodedValue();
        single.ReadGeneralizedTime();
        return single.HasData && single.PeekTag().HasSameClassAndValue(Context(0)) ? single.ReadSequence(Context(0)).ReadGeneralizedTime() : DateTimeOffset.MaxValue;
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
