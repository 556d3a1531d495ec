using Weft.Config;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.JwtAuthn;
using Weft.Proxy.Tests.Routing;
using PerRoute = Envoy.Extensions.Filters.Http.JwtAuthn.V3.PerRouteConfig;

namespace Weft.Proxy.Tests.HttpFilters.JwtAuthn;

public sealed class JwtAuthnFilterTests
{
    private const string Good = "\"iss\":\"https://a\",\"sub\":\"me\",\"aud\":[\"x\",\"https://api/\"]";

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS384")]
    [InlineData("ES256")]
    [InlineData("HS256")]
    public void A_token_that_one_of_the_keys_has_signed_passes(string algorithm)
    {
        using var stream = new FakeStream(Filter());
        Assert.Equal(FilterStatus.Continue, Request(stream, TestTokens.Sign(Good, algorithm)));
        Assert.Equal("", stream.RequestHeaders.Get("authorization"));
    }

    [Theory]
    [InlineData(null, "Jwt is missing")]
    [InlineData("a.b", "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections")]
    [InlineData("a?.b.c", "Jwt header is an invalid Base64url encoded")]
    [InlineData("AAAA.AAAA.AAAA", "Jwt header is an invalid JSON")]
    public void What_is_no_token_is_refused(string? token, string text)
    {
        using var stream = new FakeStream(Filter());
        Assert.Equal(FilterStatus.Ended, Request(stream, token));
        Assert.Equal((401, text, $"jwt_authn_access_denied{{{text.Replace(' ', '_')}}}"), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
    }

    [Theory]
    [InlineData("\"iss\":\"https://b\"", 401, "Jwt issuer is not configured")]
    [InlineData("\"iss\":\"https://a\",\"exp\":1000", 401, "Jwt is expired")]
    [InlineData("\"iss\":\"https://a\",\"nbf\":4000000000", 401, "Jwt not yet valid")]
    [InlineData("\"iss\":\"https://a\",\"aud\":\"z\"", 403, "Audiences in Jwt are not allowed")]
    [InlineData("\"iss\":\"https://a\",\"aud\":7", 401, "Jwt payload [aud] field is not a string or string list")]
    [InlineData("\"iss\":7", 401, "Jwt payload [iss] field is not a string")]
    [InlineData("\"iss\":\"https://a\",\"aud\":\"x\",\"sub\":\"you\"", 401, "Jwt verification fails")]
    public void A_token_that_does_not_fit_is_refused(string payload, int status, string text)
    {
        using var stream = new FakeStream(Filter(more: "subjects: { exact: me }"));
        Assert.Equal(FilterStatus.Ended, Request(stream, TestTokens.Sign(payload)));
        Assert.Equal((status, text), (stream.Reply!.Value.Status, stream.Reply.Value.Body));
        Assert.Equal("Bearer realm=\"http://host/\", error=\"invalid_token\"", stream.LocalReplyHeaders.Get("www-authenticate"));
    }

    [Fact]
    public void Forged_signatures_are_refused()
    {
        string[] forged =
        [
            TestTokens.Sign(Good)[..^8] + "AAAAAAAA", TestTokens.SignWithPublicKey(Good), TestTokens.Sign(Good, "ES256", header: """{"alg":"RS256","kid":"ec"}"""),
        ];
        foreach (var token in forged)
        {
            using var stream = new FakeStream(Filter());
            Assert.Equal(FilterStatus.Ended, Request(stream, token));
            Assert.Contains(stream.Reply!.Value.Body, new[] { "Jwt verification fails", "Jwks doesn't have key to match kid or alg from Jwt" });
        }

        using var unsigned = new FakeStream(Filter());
        Assert.Equal(FilterStatus.Ended, Request(unsigned, TestTokens.Sign(Good, "none")));
        Assert.Equal("Jwt header [alg] is not supported", unsigned.Reply!.Value.Body);
    }

    [Fact]
    public void One_good_token_does_not_hide_a_bad_one()
    {
        using var stream = new FakeStream(Filter());
        var headers = Routes.Request($"/?access_token={TestTokens.Sign(Good)}", headers: ("authorization", "Bearer a.b.c"));
        Assert.Equal(FilterStatus.Ended, stream.Request(headers));
    }

    [Fact]
    public void The_upstream_gets_what_the_token_says_and_nothing_that_a_client_claims()
    {
        using var stream = new FakeStream(Filter(more: """
            forward: true, forward_payload_header: x-payload, payload_in_metadata: payload, header_in_metadata: header, clear_route_cache: true,
            normalize_payload_in_metadata: { space_delimited_claims: [scope] },
            claim_to_headers: [{ header_name: x-tenant, claim_name: org.tenant }, { header_name: x-level, claim_name: level }, { header_name: x-none, claim_name: none }]
            """));
        var token = TestTokens.Sign(Good + ",\"org\":{\"tenant\":\"t1\"},\"level\":7,\"scope\":\"read write\"");
        var headers = Routes.Request("/", headers: [("authorization", "Bearer " + token), ("x-tenant", "forged"), ("x-none", "forged")]);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal(["t1"], headers.All("x-tenant"));
        Assert.Equal(["7"], headers.All("x-level"));
        Assert.Equal([token.Split('.')[1]], headers.All("x-payload"));
        Assert.Empty(headers.All("x-none"));
        Assert.Equal("Bearer " + token, headers.Get("authorization"));
        var metadata = stream.Info.DynamicMetadata.ToStruct("envoy.filters.http.jwt_authn")!;
        Assert.Equal(2, metadata.Fields["payload"].StructValue.Fields["scope"].ListValue.Values.Count);
        Assert.Equal("RS256", metadata.Fields["header"].StructValue.Fields["alg"].StringValue);
        Assert.Equal(1, stream.RouteClears);
    }

    [Fact]
    public void Tokens_come_in_headers_parameters_and_cookies()
    {
        var token = TestTokens.Sign(Good);
        const string Places = "from_headers: [{ name: x-jwt, value_prefix: 'jwt=' }], from_params: [t], from_cookies: [session]";
        foreach (var headers in new[]
        {
            Routes.Request("/", headers: ("x-jwt", "jwt=" + token)), Routes.Request($"/p?a=1&t={token}&b=2"), Routes.Request("/", headers: ("cookie", $"x=1; session={token}")),
        })
        {
            using var stream = new FakeStream(Filter(more: Places));
            Assert.Equal(FilterStatus.Continue, stream.Request(headers));
            Assert.DoesNotContain(token, headers.Get(":path"), StringComparison.Ordinal);
            Assert.Empty(headers.All("x-jwt"));
        }
    }

    [Theory]
    [InlineData("allow_missing: {}", null, true)]
    [InlineData("allow_missing: {}", "bad", false)]
    [InlineData("allow_missing_or_failed: {}", "bad", true)]
    [InlineData("allow_missing_or_failed: {}", "good", true)]
    [InlineData("requires_any: { requirements: [{ provider_name: a }, { allow_missing: {} }] }", null, true)]
    [InlineData("requires_any: { requirements: [{ provider_name: a }, { allow_missing: {} }] }", "bad", false)]
    [InlineData("requires_any: { requirements: [{ provider_name: b }, { provider_name: a }] }", "good", true)]
    [InlineData("requires_any: { requirements: [{ provider_name: b }, { provider_name: a }] }", null, false)]
    [InlineData("requires_all: { requirements: [{ provider_name: a }, { provider_name: b }] }", "good", false)]
    [InlineData("provider_and_audiences: { provider_name: a, audiences: [other] }", "good", false)]
    [InlineData("provider_and_audiences: { provider_name: a, audiences: [api] }", "good", true)]
    public void Requirements_combine(string requirement, string? token, bool passes)
    {
        using var stream = new FakeStream(Filter(requirement));
        var text = token switch { "good" => TestTokens.Sign(Good), "bad" => TestTokens.Sign("\"iss\":\"https://a\",\"exp\":1000"), _ => null };
        Assert.Equal(passes ? FilterStatus.Continue : FilterStatus.Ended, Request(stream, text));
    }

    [Fact]
    public void Routes_choose_a_requirement_or_none()
    {
        using var stream = new FakeStream(Filter());
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/")));
        stream.Overrides = [Route("disabled: true")];
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/")));
        stream.Overrides = [Route("requirement_name: named")];
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/")));
        stream.Overrides = [Route("requirement_name: nobody")];
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/")));
        Assert.Equal((403, "Failed JWT authentication: Wrong requirement_name: nobody. It should be one of [named]"), (stream.Reply!.Value.Status, stream.Reply.Value.Body));
    }

    [Fact]
    public void Preflights_and_paths_without_a_rule_pass()
    {
        var factory = (JwtAuthnFilterFactory)Filter();
        using var stream = new FakeStream(factory);
        var preflight = Routes.Request("/", method: "OPTIONS", headers: [("origin", "http://a"), ("access-control-request-method", "GET")]);
        Assert.Equal(FilterStatus.Continue, stream.Request(preflight));
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/open")));
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/closed")));
        Assert.Equal((2, 1, 1), (factory.Config.Stats.Allowed.Value, factory.Config.Stats.Denied.Value, factory.Config.Stats.CorsPreflightBypassed.Value));
    }

    [Fact]
    public void Verified_tokens_are_remembered_but_not_beyond_their_time()
    {
        var factory = (JwtAuthnFilterFactory)Filter(more: "jwt_cache_config: { jwt_cache_size: 2 }");
        using var stream = new FakeStream(factory);
        var token = TestTokens.Sign(Good);
        for (var i = 0; i < 3; i++)
            Assert.Equal(FilterStatus.Continue, Request(stream, token));
        for (var i = 0; i < 3; i++)
            Assert.Equal(FilterStatus.Continue, Request(stream, TestTokens.Sign($"{Good},\"n\":{i}")));
        Assert.Equal(FilterStatus.Continue, Request(stream, token));
        Assert.Equal((2, 5), (factory.Config.Stats.CacheHit.Value, factory.Config.Stats.CacheMiss.Value));
    }

    [Fact]
    public void Faults_of_the_configuration_are_told()
    {
        Assert.Contains("Required provider ['x'] is not configured.", Filters.FaultsOfOne("jwt_authn.v3.JwtAuthentication", "rules: [{ match: { prefix: / }, requires: { provider_name: x } }]"));
        Assert.Contains("Wrong requirement_name: x. It should be one of []", Filters.FaultsOfOne("jwt_authn.v3.JwtAuthentication", "rules: [{ match: { prefix: / }, requirement_name: x }]"));
        Assert.Contains(
            "Provider 'p' has an invalid URI: 'nowhere'",
            Filters.FaultsOfOne("jwt_authn.v3.JwtAuthentication", "providers: { p: { remote_jwks: { http_uri: { uri: nowhere, cluster: c, timeout: 1s } } } }"));
    }

    private static FilterStatus Request(FakeStream stream, string? token)
        => stream.Request(token is null ? Routes.Request("/") : Routes.Request("/", headers: ("authorization", "Bearer " + token)));

    private static JwtAuthnRouteConfig Route(string config) => JwtAuthnRouteConfig.Create(Filters.Read<PerRoute>(config), Routes.Context(new ConfigContext()));

    private static HttpFilterFactory Filter(string requirement = "provider_name: a", string? more = null) => Filters.One("jwt_authn.v3.JwtAuthentication", $$"""
        providers: {
          a: { issuer: 'https://a', audiences: [x], local_jwks: { inline_string: '{{TestTokens.Keys}}' }{{(more is null ? "" : ", " + more)}} },
          b: { issuer: 'https://b', from_headers: [{ name: x-b }], local_jwks: { inline_string: '{{TestTokens.Keys}}' } } },
        rules: [{ match: { path: /open } }, { match: { prefix: / }, requires: { {{requirement}} } }],
        requirement_map: { named: { allow_missing: {} } }, bypass_cors_preflight: true
        """.ReplaceLineEndings(" "));
}
