using System.Text;
using Weft.Base;
using Weft.Proxy.Routing;

namespace Weft.Proxy.Tests.Routing;

public class RouteIndexTests
{
    [Fact]
    public void Many_routes_give_what_a_search_in_order_gives()
    {
        var random = new RandomSource(7);
        for (var round = 0; round < 50; round++)
        {
            var literals = Enumerable.Range(0, 60).Select(_ => RandomPath(random)).ToArray();
            var table = Routes.OfRoutes(string.Join('\n', literals.Select(Match)));
            for (var i = 0; i < 40; i++)
            {
                var path = RandomPath(random);
                Assert.Equal(FirstInOrder(literals, path), table.NameFor(path));
            }
        }
    }

    [Fact]
    public void Ten_thousand_routes_need_a_few_candidates()
    {
        var literals = Enumerable.Range(0, 10_000).Select(static i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"/api/service-{i}/")).Append(default).ToArray();
        var index = RouteIndex.Build(literals)!;
        Assert.Equal([1234, 10_000], Candidates(index, "/api/service-1234/users"));
        Assert.Equal([10_000], Candidates(index, "/api/service-12345/users"));
        Assert.Equal([10_000], Candidates(index, ""));
    }

    [Fact]
    public void Candidates_come_in_the_order_of_the_configuration()
    {
        var index = RouteIndex.Build(Literals("/a/b/c", "", "/a", "/x", "/a/b", "/a", "/a/b/cd"))!;
        Assert.Equal([0, 1, 2, 4, 5], Candidates(index, "/a/b/c"));
        Assert.Equal([0, 1, 2, 4, 5, 6], Candidates(index, "/a/b/cde"));
        Assert.Equal([1, 3], Candidates(index, "/xyz"));
        Assert.Equal([1], Candidates(index, "/"));
    }

    [Fact]
    public void Literals_that_nest_too_deeply_are_not_indexed()
        => Assert.Null(RouteIndex.Build(Literals([.. Enumerable.Range(0, RouteIndex.MaxDepth + 1).Select(static i => new string('a', i + 1))])));

    private static ReadOnlyMemory<byte>[] Literals(params string[] literals)
        => [.. literals.Select(static literal => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(literal))];

    private static int[] Candidates(RouteIndex index, string path)
    {
        var found = new List<int>();
        var candidates = new RouteIndex.Candidates(index, Encoding.UTF8.GetBytes(path), stackalloc int[RouteIndex.MaxDepth], stackalloc int[RouteIndex.MaxDepth]);
        for (var next = candidates.Next(); next >= 0; next = candidates.Next()) found.Add(next);
        return [.. found];
    }

    private static string RandomPath(RandomSource random)
    {
        var path = new StringBuilder("/");
        for (var length = random.Next(6); length > 0; length--) path.Append("ab/"[(int)random.Next(3)]);
        return path.ToString();
    }

    private static string Match(string literal, int i) => $"- {{ name: '{i}', match: {{ prefix: {literal} }}, route: {{ cluster: c }} }}";

    private static string? FirstInOrder(string[] literals, string path)
    {
        var first = Array.FindIndex(literals, literal => path.StartsWith(literal, StringComparison.Ordinal));
        return first < 0 ? null : $"{first}";
    }
}
