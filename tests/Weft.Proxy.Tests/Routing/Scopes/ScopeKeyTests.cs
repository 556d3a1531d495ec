using Weft.Config;
using Weft.Http;
using Weft.Proxy.Routing.Scopes;
using BuilderMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.ScopedRoutes.Types.ScopeKeyBuilder;
using ScopeMessage = Envoy.Config.Route.V3.ScopedRouteConfiguration;

namespace Weft.Proxy.Tests.Routing.Scopes;

/// <summary>The key of a request's scope.</summary>
public sealed class ScopeKeyTests
{
    [Theory]
    [InlineData("index: 0", "a", "a")]
    [InlineData("element_separator: '||', index: 2", "x||y||z", "z")]
    [InlineData("element_separator: '||', index: 3", "x||y||z", null)]
    [InlineData("element_separator: ',', index: 1", "x,,z", "")]
    [InlineData("element_separator: ',', element: { separator: '=', key: k }", "j=1,k=2=3,k=4", "2=3")]
    [InlineData("element_separator: ',', element: { separator: '=', key: k }", "k", "")]
    [InlineData("element: { separator: '=', key: k }", "j=1,k=2", null)]
    [InlineData("element: { separator: '=', key: k }", "kk=2", null)]
    public void A_fragment_is_what_the_extractor_says(string extractor, string header, string? fragment)
    {
        var index = new ScopeIndex<string>([(ScopeKeyBuilder.KeyOf(Scope(fragment ?? "none")), "found")]);
        Assert.Equal(fragment is null ? null : "found", index.Find(Headers(header), Builder(extractor)));
    }

    [Fact]
    public void Finding_a_scope_allocates_nothing()
    {
        var builder = Builder("element_separator: ',', element: { separator: '=', key: k }");
        var index = new ScopeIndex<string>([(ScopeKeyBuilder.KeyOf(Scope("2")), "found")]);
        var headers = Headers("j=1,k=2");
        index.Find(headers, builder);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Assert.NotNull(index.Find(headers, builder));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ScopeMessage Scope(string key) => new() { Key = new() { Fragments = { new ScopeMessage.Types.Key.Types.Fragment { StringKey = key } } } };

    private static HeaderMap Headers(string value)
    {
        var headers = new HeaderMap();
        headers.Add("x-scope"u8, System.Text.Encoding.ASCII.GetBytes(value));
        return headers;
    }

    private static ScopeKeyBuilder Builder(string extractor)
    {
        var context = new ConfigContext();
        var message = ConfigReader.ReadText<BuilderMessage>($"fragments: [{{ header_value_extractor: {{ name: x-scope, {extractor} }} }}]", "t.yaml", new ReadOptions(), context);
        var builder = ScopeKeyBuilder.Create(message, context);
        Assert.False(context.Findings.HasErrors, string.Join('\n', context.Findings.Errors));
        return builder;
    }
}
