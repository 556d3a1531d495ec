using System.Text;
using Weft.Base.Buffers;
using Weft.Proxy.HttpFilters.OAuth2;

namespace Weft.Proxy.Tests.HttpFilters.OAuth2;

/// <summary>Signatures and ciphers; the fixed values are what Envoy makes of the same secret.</summary>
public sealed class FlowKeyTests
{
    private readonly ByteWriter _output = new();

    [Theory]
    [InlineData("Fc1bBwAAAAAVzVsHAAAAAHDCo6XWwdgw5IYsxjfymIQ", "access_code")]
    [InlineData("Fc1bBwAAAAAVzVsHAAAAAJohQ-XDfnYLdgIQ2yJfRZQ", "some-id-token")]
    [InlineData("Fc1bBwAAAAAVzVsHAAAAAERBBlyQ3ASXvDHzyIRDhLwvl1w07AKhjwBz1s4wJGX8", "some-refresh-token")]
    [InlineData("Fc1bBwAAAAAVzVsHAAAAABjf6i_Hvf8T2dEuEhPhhDNMlp16az-0dxisL-TzJKaZjOMF8nov_pG377FHmpKcsA", "Fc1bBwAAAAAVzVsHAAAAABXNWwcAAAAAFc1bBwAAAAA")]
    public void What_Envoy_has_encrypted_is_read(string encrypted, string text)
    {
        Assert.Null(OAuth2Filters.Key.Decrypt(Encoding.ASCII.GetBytes(encrypted), _output));
        Assert.Equal(text, Encoding.ASCII.GetString(_output.Written));
    }

    [Theory]
    [InlineData("00000000075bcd15", "na6kru4x1pHgocSIeU/mdtHYn58Gh1bqweS4XXoiqVg=")]
    [InlineData("traffic.example.com\n10\n\n\n", "8p68j+W60Z7OJUXYNYpVQfkb+XRUm01bM0M/xzTRVBU=")]
    [InlineData("traffic.example.com\n1600\naccess_code\nsome-id-token\nsome-refresh-token", "4TKyxPV/F7yyvr0XgJ2bkWFOc8t4IOFen1k29b84MAQ=")]
    public void Signatures_are_those_of_Envoy(string message, string signature)
    {
        Assert.Equal(signature, OAuth2Filters.Sign(message));
        Assert.True(OAuth2Filters.Key.IsSignature(Encoding.ASCII.GetBytes(signature), Encoding.ASCII.GetBytes(message)));
        Assert.False(OAuth2Filters.Key.IsSignature(Encoding.ASCII.GetBytes(signature), Encoding.ASCII.GetBytes(message + "x")));
    }

    [Fact]
    public void A_session_may_be_signed_in_the_former_format()
    {
        var digits = Convert.ToHexStringLower(Convert.FromBase64String(OAuth2Filters.Sign("message")));
        var former = Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes(digits)));
        Assert.True(OAuth2Filters.Key.IsSessionSignature(former, "message"u8));
        Assert.False(OAuth2Filters.Key.IsSessionSignature(former, "other"u8));
        Assert.False(OAuth2Filters.Key.IsSignature(former, "message"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("fifteen letters")]
    [InlineData("sixteen letters!")]
    [InlineData("seventeen letters")]
    public void What_is_encrypted_is_read_again_and_never_looks_the_same(string text)
    {
        var encrypted = OAuth2Filters.Encrypt(text);
        Assert.NotEqual(encrypted, OAuth2Filters.Encrypt(text));
        Assert.Null(OAuth2Filters.Key.Decrypt(Encoding.ASCII.GetBytes(encrypted), _output));
        Assert.Equal(text, Encoding.ASCII.GetString(_output.Written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64 at all")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")] // A vector and nothing behind it.
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA")] // No whole block.
    [InlineData("====")]
    public void What_nobody_encrypted_is_a_fault_and_no_exception(string encrypted)
    {
        Assert.NotNull(OAuth2Filters.Key.Decrypt(Encoding.ASCII.GetBytes(encrypted), _output));
        Assert.Equal(0, _output.Length);
    }

    [Fact]
    public void Any_bytes_can_be_tried_without_an_exception()
    {
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = new byte[random.Next(120)];
            random.NextBytes(bytes);
            var text = Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
            _output.Clear();
            OAuth2Filters.Key.Decrypt(Encoding.ASCII.GetBytes(text), _output);
            OAuth2Filters.Key.Decrypt(bytes, _output);
            Assert.False(OAuth2Filters.Key.IsSessionSignature(bytes, "message"u8));
        }
    }

    [Fact]
    public void The_challenge_of_a_verifier_is_its_digest()
    {
        CodeVerifier.WriteChallenge("Fc1bBwAAAAAVzVsHAAAAABXNWwcAAAAAFc1bBwAAAAA"u8, _output);
        Assert.Equal("YRQaBq_UpkWzfr6JvtNnh7LMfmPVcIKVYdV98ugwmLY", Encoding.ASCII.GetString(_output.Written));
    }

    [Fact]
    public void A_CSRF_token_is_genuine_only_with_its_own_signature()
    {
        CsrfToken.Write(OAuth2Filters.Key, _output);
        var token = _output.Written.ToArray();
        Assert.True(CsrfToken.IsGenuine(OAuth2Filters.Key, token));
        Assert.False(CsrfToken.IsGenuine(new FlowKey("another secret"u8.ToArray()), token));
        token[0] = token[0] == '0' ? (byte)'1' : (byte)'0';
        Assert.False(CsrfToken.IsGenuine(OAuth2Filters.Key, token));
        Assert.False(CsrfToken.IsGenuine(OAuth2Filters.Key, "no dot"u8));
        Assert.False(CsrfToken.IsGenuine(OAuth2Filters.Key, "."u8));
        Assert.True(CsrfToken.IsGenuine(OAuth2Filters.Key, "00000000075bcd15.na6kru4x1pHgocSIeU/mdtHYn58Gh1bqweS4XXoiqVg="u8));
    }
}
