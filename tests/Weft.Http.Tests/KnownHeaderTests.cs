namespace Weft.Http.Tests;

public sealed class KnownHeaderTests
{
    [Fact]
    public void Every_known_header_is_found_by_its_name_and_no_two_share_one()
    {
        var names = new HashSet<string>();
        for (var known = KnownHeader.None + 1; known < KnownHeader.Count; known++)
        {
            var name = new HeaderName(known);
            Assert.True(names.Add(name.ToString()));
            Assert.Equal(known, HeaderName.Find(name.Bytes));
            Assert.Equal(known, new HeaderName(name.ToString().ToUpperInvariant()).Known);
        }
    }

    [Fact]
    public void Name_that_differs_in_any_character_or_length_is_not_known()
    {
        for (var known = KnownHeader.None + 1; known < KnownHeader.Count; known++)
        {
            var name = new HeaderName(known).Bytes.ToArray();
            Assert.Equal(KnownHeader.None, HeaderName.Find([.. name, (byte)'x']));
            for (var i = 0; i < name.Length; i++)
            {
                var old = name[i];
                name[i] = (byte)'~';
                Assert.Equal(KnownHeader.None, HeaderName.Find(name));
                name[i] = old;
            }
        }

        Assert.Equal(KnownHeader.None, HeaderName.Find(default));
    }

    [Fact]
    public void Received_headers_have_the_ids_of_their_names_in_any_case()
    {
        for (var known = KnownHeader.Host + 1; known < KnownHeader.Count; known++)
        {
            if (known is KnownHeader.ContentLength or KnownHeader.TransferEncoding) continue;
            var name = new HeaderName(known).ToString();
            foreach (var written in new[] { name, name.ToUpperInvariant(), name + "x" })
            {
                var headers = Wire.Request($"GET / HTTP/1.1\r\nHost: h\r\n{written}: Value\r\nlast:1\r\n\r\n").Headers;
                Assert.Equal(written.EndsWith('x') ? HeaderName.Find(Wire.Bytes(written)) : known, headers.KnownAt(3));
                Assert.Equal(written.ToLowerInvariant(), System.Text.Encoding.ASCII.GetString(headers.NameAt(3)));
                Assert.Equal("Value"u8, headers.ValueAt(3));
            }
        }
    }

    [Theory]
    [InlineData(KnownHeader.Authority, ":authority")]
    [InlineData(KnownHeader.Te, "te")]
    [InlineData(KnownHeader.Etag, "etag")]
    [InlineData(KnownHeader.XForwardedClientCert, "x-forwarded-client-cert")]
    [InlineData(KnownHeader.XEnvoyUpstreamRqPerTryTimeoutMs, "x-envoy-upstream-rq-per-try-timeout-ms")]
    [InlineData(KnownHeader.XEnvoyUpstreamHealthCheckedCluster, "x-envoy-upstream-healthchecked-cluster")]
    [InlineData(KnownHeader.XEnvoyRateLimited, "x-envoy-ratelimited")]
    [InlineData(KnownHeader.XEnvoyImmediateHealthCheckFail, "x-envoy-immediate-health-check-fail")]
    [InlineData(KnownHeader.XB3TraceId, "x-b3-traceid")]
    [InlineData(KnownHeader.XB3ParentSpanId, "x-b3-parentspanid")]
    [InlineData(KnownHeader.XB3Sampled, "x-b3-sampled")]
    [InlineData(KnownHeader.Http2Settings, "http2-settings")]
    [InlineData(KnownHeader.XEnvoyIpTags, "x-envoy-ip-tags")]
    [InlineData(KnownHeader.XEnvoyHedgeOnPerTryTimeout, "x-envoy-hedge-on-per-try-timeout")]
    public void Names_are_spelt_as_Envoy_spells_them(KnownHeader known, string name) => Assert.Equal(name, new HeaderName(known).ToString());
}
