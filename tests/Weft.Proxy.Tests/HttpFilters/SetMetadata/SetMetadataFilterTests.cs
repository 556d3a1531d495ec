using Weft.Proxy.HttpFilters.SetMetadata;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.SetMetadata;

public sealed class SetMetadataFilterTests
{
    [Fact]
    public void Values_are_attached_and_merged_only_where_that_is_allowed()
    {
        const string config = """
            metadata: [
              { metadata_namespace: a, value: { one: x, deep: { p: 1 }, list: [1] } },
              { metadata_namespace: a, value: { one: y } },
              { metadata_namespace: a, allow_overwrite: true, value: { two: z, deep: { q: 2 }, list: [2] } }]
            """;
        var factory = (SetMetadataFilterFactory)Filters.One("set_metadata.v3.Config", config.ReplaceLineEndings(" "));
        using var stream = new FakeStream(factory);
        for (var i = 0; i < 2; i++)
        {
            // The second request shows that the first has not changed what is configured.
            stream.Request(Routes.Request("/"));
            Assert.Equal(
                "{ \"one\": \"x\", \"deep\": { \"p\": 1, \"q\": 2 }, \"list\": [ 1, 2 ], \"two\": \"z\" }",
                stream.Info.DynamicMetadata.ToStruct("a")!.ToString());
            stream.End();
        }

        Assert.Equal(2, factory.OverwriteDenied.Value);
    }
}
