using System.Formats.Asn1;

namespace Weft.Net.Tls;

/// <summary>The little of an OCSP response (RFC 6960 section 4.2) that says how long it may be shown.</summary>
internal static class OcspResponse
{
    /// <summary>When the response holds; default when it cannot be read or is no good answer.</summary>
    public static OcspValidity ReadValidity(byte[] der)
    {
        try
        {
            return Read(new AsnReader(der, AsnEncodingRules.DER));
        }
        catch (AsnContentException)
        {
            return default;
        }
    }

    private static OcspValidity Read(AsnReader reader)
    {
        var response = reader.ReadSequence();
        var isSuccessful = response.ReadEnumeratedBytes().Span is [0];
        if (!isSuccessful)
            return default;
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
        var from = single.ReadGeneralizedTime();
        var hasEnd = single.HasData && single.PeekTag().HasSameClassAndValue(Context(0));
        return new OcspValidity(from, hasEnd ? single.ReadSequence(Context(0)).ReadGeneralizedTime() : DateTimeOffset.MaxValue);
    }

    private static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}

/// <summary>When an OCSP response holds.</summary>
/// <param name="From">thisUpdate.</param>
/// <param name="End">nextUpdate; MaxValue when it is not said, MinValue when the response is no good.</param>
public readonly record struct OcspValidity(DateTimeOffset From, DateTimeOffset End);

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
