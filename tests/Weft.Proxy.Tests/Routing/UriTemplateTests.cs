using Weft.Proxy.Formatting;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Tests.Routing;

public sealed class UriTemplateTests
{
    [Theory]
    [InlineData("/bar/*/country", "/bar/us/country", true)]
    [InlineData("/bar/*/country", "/bar/us/east/country", false)]
    [InlineData("/bar/*/country", "/bar//country", false)]
    [InlineData("/bar/**", "/bar/a/b/c", true)]
    [InlineData("/**.m3u8", "/a/b.m3u8", true)]
    [InlineData("/**.m3u8", "/a/bxm3u8", false)]
    [InlineData("/{country}/{lang}", "/us/en", true)]
    [InlineData("/{country}/{lang}", "/us", false)]
    [InlineData("/api/{v=v1}/*", "/api/v1/x", true)]
    [InlineData("/api/{v=v1}/*", "/api/v2/x", false)]
    [InlineData("/{path=**}", "/a/b", true)]
    public void A_template_matches_whole_paths(string template, string path, bool matches)
        => Assert.Equal(matches, Table(template, "/new").Match(Routes.Request(path + "?q=1")) is not null);

    [Theory]
    [InlineData("/{country}/{lang}/shop", "/{lang}/{country}", "/us/en/shop?q=1", "/en/us?q=1")]
    [InlineData("/media/{id}/{file=**}", "/files/{file}", "/media/7/a/b.mp4", "/files/a/b.mp4")]
    [InlineData("/x/*", "/fixed", "/x/1", "/fixed")]
    public void Variables_make_the_new_path(string template, string rewrite, string path, string expected)
    {
        var request = Routes.Request(path);
        Table(template, rewrite).Match(request)!.Forward!.Rewrite(request, Routes.Format(request));
        Assert.Equal(expected, request.Get(":path"));
    }

    [Theory]
    [InlineData("no/slash")]
    [InlineData("/{a}/{a}")]
    [InlineData("/{a")]
    [InlineData("/{1a}")]
    [InlineData("/**/x")]
    [InlineData("/**/*")]
    [InlineData("/{a}/{b}/{c}/{d}/{e}/{f}")]
    public void What_is_no_template_is_refused(string template) => Assert.Null(UriTemplate.Parse(template, out _));

    [Fact]
    public void A_rewrite_must_know_its_variables()
        => Assert.Contains("mismatch between variables in path_match_policy /{a} and path_rewrite_policy /{b}", Routes.FaultsOfRoutes(Yaml("/{a}", "/{b}")));

    [Fact]
    public void A_rewrite_needs_a_match()
        => Assert.Contains(
            "unable to use envoy.path.rewrite.uri_template.uri_template_rewriter extension without envoy.path.match.uri_template.uri_template_matcher extension",
            Routes.FaultsOfRoutes($"- {{ match: {{ prefix: / }}, route: {{ cluster: c, path_rewrite_policy: {Rewrite("/x")} }} }}"));

    private static Weft.Proxy.Routing.RouteTable Table(string template, string rewrite) => Routes.OfRoutes(Yaml(template, rewrite));

    private static string Yaml(string template, string rewrite) =>
        $"- {{ match: {{ path_match_policy: {{ name: m, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig, path_template: '{template}' }} }} }}, route: {{ cluster: c, path_rewrite_policy: {Rewrite(rewrite)} }} }}";

    private static string Rewrite(string rewrite) =>
        $"{{ name: r, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig, path_template_rewrite: '{rewrite}' }} }}";
}
