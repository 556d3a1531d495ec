using Envoy.Extensions.Filters.Http.ApiKeyAuth.V3;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.ApiKeyAuth;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.ApiKeyAuth;

public sealed class ApiKeyAuthTests
{
    private const string Two = "credentials: [{ key: k1, client: ann }, { key: 'k 2', client: bob }]";
    private const string AnySource = "key_sources: [{ header: X-Key }, { query: key }, { cookie: key }]";

    private readonly FactoryContext _context = Routes.Context(new ConfigContext());

    [Theory]
    [InlineData("/", "x-key", "k1", "ann")]
    [InlineData("/", "x-key", "Bearer k1", "ann")]
    [InlineData("/?a=b&key=k%202", null, null, "bob")]
    [InlineData("/", "cookie", "a=b; key=k1", "ann")]
    // The first place that has something decides.
    [InlineData("/?key=k1", "x-key", "k 2", "bob")]
    [InlineData("/?key=k1", "x-key", "", "ann")]
    public void A_known_key_passes_wherever_it_stands(string path, string? header, string? value, string client)
    {
        using var stream = Make($"{Two}, {AnySource}, forwarding: {{ header: x-client }}");
        var headers = Routes.Request(path, headers: header is null ? [] : [(header, value!)]);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal(client, headers.Get("x-client"));
        Assert.Equal((1, 0, 0), Counts());
    }

    [Theory]
    [InlineData($"{Two}, {AnySource}", "/", "missing_api_key")]
    [InlineData($"{Two}, {AnySource}", "/?key=k3", "unkonwn_api_key")]
    [InlineData($"{Two}, {AnySource}", "/?akey=k1", "missing_api_key")]
    [InlineData(Two, "/?key=k1", "missing_key_sources")]
    [InlineData(AnySource, "/?key=k1", "missing_credentials")]
    public void Without_a_known_key_a_request_is_refused(string config, string path, string details)
    {
        using var stream = Make(config);
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request(path)));
        Assert.Equal((401, "Client authentication failed.", details), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
        Assert.Equal((0, 1, 0), Counts());
    }

    [Fact]
    public void Keys_can_be_hidden_from_the_upstream()
    {
        using var stream = Make($"{Two}, {AnySource}, forwarding: {{ hide_credentials: true }}");
        var headers = Routes.Request("/x?a=b&key=k1&c=d", headers: [("x-key", "k1"), ("cookie", "a=b; key=k1; c=\"d\""), ("cookie", "key=k1")]);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal(("/x?a=b&c=d", "", "a=b; c=\"d\""), (headers.Get(":path"), headers.Get("x-key"), headers.Get("cookie")));

        var bare = Routes.Request("/x?key=k1", headers: [("cookie", "key=k1")]);
        stream.End();
        stream.Request(bare);
        Assert.Equal(("/x", false), (bare.Get(":path"), bare.Has(KnownHeader.Cookie)));
    }

    [Fact]
    public void A_route_may_be_for_some_clients()
    {
        using var stream = Make($"{Two}, {AnySource}");
        stream.Overrides = [OfRoute("allowed_clients: [bob]")];
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/?key=k1")));
        Assert.Equal((403, "Client is forbidden.", "client_not_allowed"), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
        stream.End();
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/?key=k%202")));
        Assert.Equal((1, 0, 1), Counts());
    }

    [Fact]
    public void What_a_route_says_counts_instead_of_the_filters()
    {
        using var stream = Make($"{Two}, {AnySource}, forwarding: {{ header: x-client }}");
        stream.Overrides = [OfRoute("credentials: [{ key: k9, client: eve }], key_sources: [{ query: token }], forwarding: { header: x-who }")];
        var headers = Routes.Request("/?token=k9");
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal(("eve", ""), (headers.Get("x-who"), headers.Get("x-client")));
        stream.End();
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/?key=k1&token=k1")));
    }

    [Theory]
    [InlineData("key_sources: [{}]", "One of 'header'/'query'/'cookie' must be set.")]
    [InlineData("credentials: [{ key: k, client: a }, { key: k, client: b }]", "Duplicated credential key: 'k'")]
    public void Faults_are_told(string config, string fault) => Assert.Equal([fault], Filters.FaultsOfOne("api_key_auth.v3.ApiKeyAuth", config));

    private FakeStream Make(string config) => new(Filters.One("api_key_auth.v3.ApiKeyAuth", config, _context));

    private ApiKeyAuthConfig OfRoute(string config) => ApiKeyAuthConfig.OfRoute(Filters.Read<ApiKeyAuthPerRoute>(config), _context);

    private (long Allowed, long Unauthorized, long Forbidden) Counts()
    {
        var scope = _context.Stats.Scope("http.test.api_key_auth.");
        return (scope.Counter("allowed").Value, scope.Counter("unauthorized").Value, scope.Counter("forbidden").Value);
    }
}
