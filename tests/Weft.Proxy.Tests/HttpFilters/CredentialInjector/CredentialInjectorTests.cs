using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Tests.Routing;
using Secret = Envoy.Extensions.TransportSockets.Tls.V3.Secret;

namespace Weft.Proxy.Tests.HttpFilters.CredentialInjector;

public sealed class CredentialInjectorTests
{
    private readonly FactoryContext _context = Routes.Context(new ConfigContext());

    [Fact]
    public void The_credential_of_the_secret_is_added()
    {
        using var stream = Make("Bearer token", "");
        var headers = Routes.Request("/");
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal("Bearer token", Heads.Text(headers, "authorization"));
        Assert.Equal((1, 0, 0), Counts());
    }

    [Theory]
    [InlineData("key\\n", "header: X-Key", "x-key", "key")]
    [InlineData("token", "header_value_prefix: 'Bearer '", "authorization", "Bearer token")]
    public void Another_header_and_a_prefix_can_be_named_and_a_file_s_last_line_may_end(string secret, string generic, string header, string expected)
    {
        using var stream = Make(secret, "", generic);
        var headers = Routes.Request("/");
        stream.Request(headers);
        Assert.Equal(expected, Heads.Text(headers, header));
    }

    [Fact]
    public void A_prefix_is_no_credential()
    {
        using var stream = Make("", "", "header_value_prefix: 'Bearer '");
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/")));
    }

    [Fact]
    public void A_prefix_that_cannot_stand_in_a_header_is_refused() =>
        Assert.Contains("header_value_prefix cannot stand in a header", Filters.FaultsOfOne("credential_injector.v3.CredentialInjector", Credential("credential: { name: mine }, header_value_prefix: \"a\\nb\"")));

    [Theory]
    [InlineData("", "its own")]
    [InlineData("overwrite: true", "ours")]
    public void A_credential_that_is_there_stays_unless_it_is_to_be_overwritten(string config, string expected)
    {
        using var stream = Make("ours", config);
        var headers = Routes.Request("/");
        headers.Set(new HeaderName("authorization"), "its own"u8);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal(expected, Heads.Text(headers, "authorization"));
        Assert.Equal(config.Length == 0 ? (0, 0, 1) : (1, 0, 0), Counts());
    }

    [Fact]
    public void Without_a_credential_the_request_gets_401()
    {
        using var stream = Make("", "");
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/")));
        Assert.Equal((401, "Failed to inject credential.", "failed_to_inject_credential"), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
        Assert.Equal((0, 1, 0), Counts());
    }

    [Fact]
    public void Without_a_credential_the_request_may_be_allowed_to_go_on()
    {
        using var stream = Make("", "allow_request_without_credential: true");
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/")));
        Assert.Equal((0, 1, 0), Counts());
    }

    [Fact]
    public void A_changed_secret_counts_from_the_next_request_on()
    {
        using var stream = Make("old", "");
        _context.Secrets.UpdateStatic([SecretOf("new")]);
        var headers = Routes.Request("/");
        stream.Request(headers);
        Assert.Equal("new", Heads.Text(headers, "authorization"));
    }

    [Fact]
    public void A_secret_that_cannot_stand_in_a_header_leaves_the_former_one()
    {
        using var stream = Make("old", "");
        _context.Secrets.UpdateStatic([SecretOf("a\\nb")]);
        var headers = Routes.Request("/");
        stream.Request(headers);
        Assert.Equal("old", Heads.Text(headers, "authorization"));
    }

    [Fact]
    public void An_unknown_secret_is_refused() =>
        Assert.Contains("Unknown generic secret: none", Filters.FaultsOfOne("credential_injector.v3.CredentialInjector", Credential("credential: { name: none }")));

    [Fact]
    public void A_credential_of_a_kind_that_is_not_implemented_is_refused() =>
        Assert.NotEmpty(Filters.FaultsOfOne("credential_injector.v3.CredentialInjector", "credential: { name: c, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2 } }"));

    private static string Credential(string generic) => $"credential: {{ name: c, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic, {generic} }} }}";

    private static Secret SecretOf(string text) => Filters.Read<Secret>($"name: mine, generic_secret: {{ secret: {{ inline_string: \"{text}\" }} }}");

    private FakeStream Make(string secret, string config, string generic = "")
    {
        _context.Secrets.AddStatic([SecretOf(secret)], _context.Config);
        var separator = generic.Length > 0 ? ", " : "";
        return new FakeStream(Filters.One("credential_injector.v3.CredentialInjector", $"{Credential($"credential: {{ name: mine }}{separator}{generic}")}, {config}", _context));
    }

    private (long Injected, long Failed, long AlreadyExists) Counts()
    {
        var scope = _context.Stats.Scope("http.test.credential_injector.");
        return (scope.Counter("injected").Value, scope.Counter("failed").Value, scope.Counter("already_exists").Value);
    }
}
