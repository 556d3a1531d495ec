using System.Text;
using Envoy.Extensions.Filters.Http.BasicAuth.V3;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.BasicAuth;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.BasicAuth;

public sealed class BasicAuthTests
{
    /// <summary>user1:test1, as <c>htpasswd -s</c> writes it.</summary>
    private const string User1 = "user1:{SHA}tESsBmE/yNY3lb6a0L6vVQEZNqw=";

    private readonly FactoryContext _context = Routes.Context(new ConfigContext());

    [Theory]
    [InlineData("user1:test1", true)]
    [InlineData("user1:test2", false)]
    [InlineData("user2:test1", false)]
    [InlineData("user1:", false)]
    public void A_name_passes_with_its_password_alone(string credentials, bool isAllowed)
    {
        using var stream = Make($"# ours\\n\\n{User1}");
        var status = stream.Request(Authorized("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))));
        Assert.Equal(isAllowed ? FilterStatus.Continue : FilterStatus.Ended, status);
        Assert.Equal(isAllowed ? (1, 0) : (0, 1), Counts());
        Assert.Equal(isAllowed ? null : "invalid_credential_for_basic_auth", stream.Reply?.Details);
    }

    [Fact]
    public void Base64_may_lack_its_padding_and_the_upstream_may_hear_who_it_is()
    {
        using var stream = Make(User1, "forward_username_header: x-user");
        var headers = Authorized("Basic " + Convert.ToBase64String("user1:test1"u8).TrimEnd('='));
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal("user1", Heads.Text(headers, "x-user"));
    }

    [Theory]
    [InlineData(null, "User authentication failed. Missing username and password.", "no_credential_for_basic_auth")]
    [InlineData("Bearer abc", "User authentication failed. Expected 'Basic' authentication scheme.", "invalid_scheme_for_basic_auth")]
    [InlineData("Basic dXNlcjE=", "User authentication failed. Invalid basic credential format.", "invalid_format_for_basic_auth")]
    [InlineData("Basic !!!!", "User authentication failed. Invalid basic credential format.", "invalid_format_for_basic_auth")]
    public void Whoever_gives_none_is_told_what_is_asked_for(string? authorization, string body, string details)
    {
        using var stream = Make(User1);
        Assert.Equal(FilterStatus.Ended, stream.Request(Authorized(authorization, "/x?y")));
        Assert.Equal((401, body, details), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
        Assert.StartsWith("Basic realm=\"", Heads.Text(stream.LocalReplyHeaders, "www-authenticate"), StringComparison.Ordinal);
        Assert.EndsWith("/x?y\"", Heads.Text(stream.LocalReplyHeaders, "www-authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public void Name_and_password_may_stand_in_another_header()
    {
        using var stream = Make(User1, "authentication_header: x-who");
        var credentials = "Basic " + Convert.ToBase64String("user1:test1"u8);
        Assert.Equal(FilterStatus.Ended, stream.Request(Authorized(credentials)));
        stream.End();
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/", headers: ("x-who", credentials))));
    }

    [Fact]
    public void A_route_has_users_of_its_own()
    {
        using var stream = Make("");
        stream.Overrides = [BasicAuthUsers.OfRoute(Filters.Read<BasicAuthPerRoute>($"users: {{ inline_string: \"{User1}\" }}"), _context)];
        Assert.Equal(FilterStatus.Continue, stream.Request(Authorized("Basic " + Convert.ToBase64String("user1:test1"u8))));
    }

    [Theory]
    [InlineData("user1", "basic auth: invalid htpasswd format, username:password is expected")]
    [InlineData(":{SHA}x", "basic auth: empty user name or password")]
    [InlineData($"{User1}\\n{User1}", "basic auth: duplicate users")]
    [InlineData("user1:$apr1$x", "basic auth: unsupported htpasswd format: please use {SHA}")]
    [InlineData("user1:{SHA}x", "basic auth: invalid htpasswd format, invalid SHA hash length")]
    public void Files_of_another_form_are_refused(string users, string fault) =>
        Assert.Contains(fault, Filters.FaultsOfOne("basic_auth.v3.BasicAuth", $"users: {{ inline_string: \"{users}\" }}"));

    private static HeaderMap Authorized(string? authorization, string path = "/")
    {
        var headers = Routes.Request(path);
        if (authorization is not null)
            headers.Set(new HeaderName("authorization"), Encoding.UTF8.GetBytes(authorization));
        return headers;
    }

    private FakeStream Make(string users, string config = "") =>
        new(Filters.One("basic_auth.v3.BasicAuth", $"users: {{ inline_string: \"{users}\" }}, {config}", _context));

    private (long Allowed, long Denied) Counts()
    {
        var scope = _context.Stats.Scope("http.test.basic_auth.");
        return (scope.Counter("allowed").Value, scope.Counter("denied").Value);
    }
}
