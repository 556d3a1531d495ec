using System.Net;
using System.Text;
using Weft.Base.Hashing;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Routing.HashPolicies;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Routing.HashPolicies;

public sealed class HashPolicyTests
{
    private readonly GeneratedCookies _cookies = new();
    private readonly StreamInfo _info = new()
    {
        DownstreamRemoteAddress = NetAddress.FromIP(IPAddress.Parse("10.1.2.3"), 0),
        DownstreamDirectRemoteAddress = NetAddress.FromIP(IPAddress.Parse("1.2.3.4"), 5000),
        DownstreamLocalAddress = NetAddress.FromIP(IPAddress.Parse("::1"), 80),
    };

    private static HashPolicy Policy(string entries) =>
        Routes.OfRoutes($"- match: {{ prefix: / }}\n  route: {{ cluster: c, hash_policy: [ {entries} ] }}").Match(Routes.Request("/"))!.Forward!.HashPolicy!;

    private ulong? Hash(string entries, HeaderMap request) => Policy(entries).Hash(request, _info, _cookies);

    private static ulong Xx(string text, ulong seed = 0) => XxHash64.Hash(Encoding.UTF8.GetBytes(text), seed);

    private string[] Cookies()
    {
        var response = new HeaderMap();
        _cookies.WriteTo(response);
        return response.All("set-cookie");
    }

    [Fact]
    public void A_header_is_hashed_by_its_value()
    {
        Assert.Equal(Xx("curl/8"), Hash("{ header: { header_name: User-Agent } }", Routes.Request("/", headers: ("user-agent", "curl/8"))));
        Assert.Equal(Xx("/x?y"), Hash("{ header: { header_name: ':path' } }", Routes.Request("/x?y")));
        Assert.Null(Hash("{ header: { header_name: user-agent } }", Routes.Request("/")));
    }

    [Fact]
    public void Filter_state_is_hashed_by_its_text()
    {
        _info.FilterState.Set("user", new TextState("ann"u8.ToArray()));
        Assert.Equal(Xx("ann"), Hash("{ filter_state: { key: user } }", Routes.Request("/")));
        Assert.Null(Hash("{ filter_state: { key: none } }", Routes.Request("/")));
    }

    [Fact]
    public void Several_values_of_a_header_count_the_same_in_any_order()
    {
        var hash = Xx("foo", Xx("bar"));
        Assert.Equal(hash, Hash("{ header: { header_name: x } }", Routes.Request("/", headers: [("x", "foo"), ("x", "bar")])));
        Assert.Equal(hash, Hash("{ header: { header_name: x } }", Routes.Request("/", headers: [("x", "bar"), ("x", "foo")])));
    }

    [Fact]
    public void A_header_can_be_rewritten_first()
    {
        var entry = """{ header: { header_name: ":path", regex_rewrite: { pattern: { regex: "^/(\\w+).*$" }, substitution: "\\1" } } }""";
        Assert.Equal(Xx("users"), Hash(entry, Routes.Request("/users/17?x=1")));
    }

    [Theory]
    [InlineData("a=1; session=abc; z=2", "abc")]
    [InlineData("session=\"abc\"", "abc")]
    [InlineData("other; session=abc", "abc")]
    [InlineData("session=abc; session=def", "abc")]
    [InlineData("session=a=b", "a=b")]
    public void A_cookie_is_hashed_by_its_value(string cookies, string value) =>
        Assert.Equal(Xx(value), Hash("{ cookie: { name: session } }", Routes.Request("/", headers: ("cookie", cookies))));

    [Theory]
    [InlineData("xsession=abc")]
    [InlineData("session=")]
    [InlineData("session")]
    public void Without_the_cookie_and_a_ttl_there_is_no_hash(string cookies)
    {
        Assert.Null(Hash("{ cookie: { name: session } }", Routes.Request("/", headers: ("cookie", cookies))));
        Assert.Empty(Cookies());
    }

    [Fact]
    public void With_a_ttl_the_client_is_given_a_cookie_that_hashes_to_the_same()
    {
        var entry = "{ cookie: { name: session, ttl: 60s, path: /p, attributes: [ { name: SameSite, value: Strict }, { name: Secure } ] } }";
        var hash = Hash(entry, Routes.Request("/"));
        var value = Xx("1.2.3.4:5000[::1]:80").ToString("x16");
        Assert.Equal(Xx(value), hash);
        Assert.Equal([$"session=\"{value}\"; Max-Age=60; Path=/p; SameSite=Strict; Secure; HttpOnly"], Cookies());
        Assert.Equal(hash, Hash(entry, Routes.Request("/", headers: ("cookie", $"session=\"{value}\""))));
        Assert.Single(Cookies());
    }

    [Fact]
    public void A_ttl_of_0_makes_a_cookie_of_the_session()
    {
        Assert.NotNull(Hash("{ cookie: { name: s, ttl: 0s } }", Routes.Request("/")));
        Assert.EndsWith("\"; HttpOnly", Assert.Single(Cookies()));
    }

    [Fact]
    public void The_clients_address_counts_without_its_port()
    {
        Assert.Equal(Xx("10.1.2.3"), Hash("{ connection_properties: { source_ip: true } }", Routes.Request("/")));
        _info.DownstreamRemoteAddress = NetAddress.FromUnixPath("/tmp/s");
        Assert.Null(Hash("{ connection_properties: { source_ip: true } }", Routes.Request("/")));
    }

    [Theory]
    [InlineData("/?a=1&user=7&user=8", "7")]
    [InlineData("/?user", "")]
    public void A_query_parameter_is_hashed_as_it_is_written(string path, string value) =>
        Assert.Equal(Xx(value), Hash("{ query_parameter: { name: user } }", Routes.Request(path)));

    [Fact]
    public void Entries_are_combined_so_that_equal_ones_do_not_cancel_out()
    {
        var request = Routes.Request("/?q=1", headers: ("x", "1"));
        var one = Xx("1");
        Assert.Equal(ulong.RotateLeft(one, 1) ^ one, Hash("{ header: { header_name: x } }, { header: { header_name: none } }, { query_parameter: { name: q } }", request));
        Assert.Equal(one, Hash("{ header: { header_name: x }, terminal: true }, { query_parameter: { name: q } }", request));
        Assert.Equal(one, Hash("{ header: { header_name: none }, terminal: true }, { query_parameter: { name: q } }", request));
    }

    [Fact]
    public void A_wrong_expression_is_reported() =>
        Assert.NotEmpty(Routes.FaultsOfRoutes("""- { match: { prefix: / }, route: { cluster: c, hash_policy: [ { header: { header_name: x, regex_rewrite: { pattern: { regex: "(" }, substitution: "" } } } ] } }"""));

    [Fact]
    public void Hashing_allocates_nothing()
    {
        var policy = Policy("{ header: { header_name: x } }, { cookie: { name: s, ttl: 1s } }, { connection_properties: { source_ip: true } }, { query_parameter: { name: q } }");
        var request = Routes.Request("/?q=1", headers: [("x", "2"), ("x", "1")]);
        Assert.Equal(0, Allocations.Of(() =>
        {
            _cookies.Clear();
            policy.Hash(request, _info, _cookies);
        }));
    }
}
