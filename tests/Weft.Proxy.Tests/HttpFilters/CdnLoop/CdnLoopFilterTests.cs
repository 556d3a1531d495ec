using Weft.Http;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.CdnLoop;

public sealed class CdnLoopFilterTests
{
    private static FakeStream Make(string more = "") => new(Filters.One("cdn_loop.v3.CdnLoopConfig", $"cdn_id: weft{more}"));

    [Theory]
    [InlineData(null, "weft")]
    [InlineData("other", "other,weft")]
    [InlineData("a.test:80; v=1; w=\"x\\\", weft\" , [2001:db8::1]:443,,", "a.test:80; v=1; w=\"x\\\", weft\" , [2001:db8::1]:443,,,weft")]
    public void The_network_is_added(string? before, string after)
    {
        using var stream = Make();
        var request = before is null ? Routes.Request("/") : Routes.Request("/", headers: ("cdn-loop", before));
        Assert.Equal(Weft.Proxy.HttpFilters.FilterStatus.Continue, stream.Request(request));
        Assert.Equal(after, request.Get("cdn-loop"));
    }

    [Theory]
    [InlineData("weft", 0, false)]
    [InlineData("a, weft; v=1", 0, false)]
    [InlineData("weft", 1, true)]
    [InlineData("weft, weft", 1, false)]
    public void A_request_that_came_through_too_often_gets_502(string header, int allowed, bool passes)
    {
        using var stream = Make($", max_allowed_occurrences: {allowed}");
        stream.Request(Routes.Request("/", headers: ("cdn-loop", header)));
        Assert.Equal(passes ? null : (502, "The server has detected a loop between CDNs.", "cdn_loop_detected"), ReplyOf(stream));
    }

    [Fact]
    public void Several_headers_are_one_list()
    {
        using var stream = Make();
        stream.Request(Routes.Request("/", headers: [("cdn-loop", "a"), ("cdn-loop", "weft")]));
        Assert.Equal(502, stream.Reply?.Status);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a; v")]
    [InlineData("a; v=\"open")]
    [InlineData("[::1")]
    [InlineData("\"a\"")]
    public void A_header_that_cannot_be_read_gets_400(string header)
    {
        using var stream = Make();
        stream.Request(Routes.Request("/", headers: ("cdn-loop", header)));
        Assert.Equal((400, "Invalid CDN-Loop header in request.", "invalid_cdn_loop_header"), ReplyOf(stream));
    }

    [Fact]
    public void The_networks_own_name_must_be_one()
        => Assert.Contains("Provided cdn_id \"a b\" is not a valid CDN identifier", Filters.FaultsOfOne("cdn_loop.v3.CdnLoopConfig", "cdn_id: a b"));

    private static (int, string, string)? ReplyOf(FakeStream stream) => stream.Reply is { } reply ? (reply.Status, reply.Body, reply.Details) : null;
}
