using System.Formats.Asn1;
using Weft.Net.Tls;

namespace Weft.Net.Tests.Tls;

/// <summary>OCSP responses that are to be stapled: which are taken, and why others are not.</summary>
public sealed class OcspResponseTests : IDisposable
{
    private static readonly DateTimeOffset s_end = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private readonly TestCertificates _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void A_response_says_how_long_it_holds()
    {
        var response = OcspResponse.Read(Response(), out var error);
        Assert.Equal(("", s_end.AddDays(-1), s_end), (error, response!.Start, response.End));
        Assert.Equal(DateTimeOffset.MinValue, OcspResponse.Read(Response(hasEnd: false), out _)!.End);
    }

    [Theory]
    [InlineData(6, 1, "OCSP response was unsuccessful")]
    [InlineData(0, 0, "OCSP Response must be for one certificate only")]
    [InlineData(0, 2, "OCSP Response must be for one certificate only")]
    public void Others_are_refused_with_their_reason(int status, int count, string expected)
    {
        Assert.Null(OcspResponse.Read(Response(status, count), out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void What_is_cut_off_anywhere_is_refused()
    {
        var whole = Response();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Null(OcspResponse.Read(whole[..length], out var error));
            Assert.NotEqual("", error);
        }
    }

    [Fact]
    public void A_response_about_another_certificate_is_not_shown_with_this_one()
    {
        var (chain, key) = _authority.IssuePem("CN=server");
        Assert.Null(TlsCertificate.Load(chain, key, [], Response(), ("<inline>", "<inline>"), out var error));
        Assert.Equal("OCSP response does not match its TLS certificate", error);
    }

    /// <summary>RFC 6960 section 4.2.1, unsigned: nobody here looks at signatures.</summary>
    private static byte[] Response(int status = 0, int count = 1, bool hasEnd = true)
    {
        var context = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        var basic = new AsnWriter(AsnEncodingRules.DER);
        using (basic.PushSequence())
        using (basic.PushSequence())
        {
            using (basic.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1, isConstructed: true)))
                basic.WriteNull();
            basic.WriteGeneralizedTime(s_end, omitFractionalSeconds: true);
            using (basic.PushSequence())
            {
                for (var i = 0; i < count; i++)
                    WriteSingle(basic, context, hasEnd);
            }
        }

        var response = new AsnWriter(AsnEncodingRules.DER);
        using (response.PushSequence())
        {
            response.WriteEncodedValue([10, 1, (byte)status]);
            using (response.PushSequence(context))
            using (response.PushSequence())
            {
                response.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.1");
                response.WriteOctetString(basic.Encode());
            }
        }

        return response.Encode();
    }

    private static void WriteSingle(AsnWriter writer, Asn1Tag context, bool hasEnd)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                    writer.WriteObjectIdentifier("1.3.14.3.2.26");
                writer.WriteOctetString("issuer"u8);
                writer.WriteOctetString("key"u8);
                writer.WriteInteger(4711);
            }

            writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, 0));
            writer.WriteGeneralizedTime(s_end.AddDays(-1), omitFractionalSeconds: true);
            if (!hasEnd)
                return;
            using (writer.PushSequence(context))
                writer.WriteGeneralizedTime(s_end, omitFractionalSeconds: true);
        }
    }
}
