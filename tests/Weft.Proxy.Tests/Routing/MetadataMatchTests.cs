namespace Weft.Proxy.Tests.Routing;

public sealed class MetadataMatchTests
{
    [Fact]
    public void Criteria_of_a_weighted_cluster_go_over_those_of_the_route()
    {
        var table = Routes.OfRoutes("""
            - match: { prefix: / }
              route:
                metadata_match: { filter_metadata: { envoy.lb: { stage: prod, version: a } } }
                weighted_clusters:
                  clusters:
                  - { name: c, weight: 1, metadata_match: { filter_metadata: { envoy.lb: { version: b } } } }
                  - { name: c, weight: 1, metadata_match: { filter_metadata: { other: { version: b } } } }
            """);
        var first = table.Match(Routes.Request("/"), 0)!.Forward!.MetadataMatch!;
        Assert.Equal(("prod", "b"), (first.Find("stage")!.StringValue, first.Find("version")!.StringValue));
        var second = table.Match(Routes.Request("/"), 1)!.Forward!.MetadataMatch!;
        Assert.Equal(("prod", "a"), (second.Find("stage")!.StringValue, second.Find("version")!.StringValue));
    }

    [Fact]
    public void Metadata_for_others_is_no_criterion()
    {
        var table = Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c, metadata_match: { filter_metadata: { other: { a: b } } } } }");
        Assert.Null(table.Match(Routes.Request("/"))!.Forward!.MetadataMatch);
    }
}
