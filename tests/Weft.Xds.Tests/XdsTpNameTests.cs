namespace Weft.Xds.Tests;

/// <summary>Names of the form xdstp://authority/type/id?context.</summary>
public sealed class XdsTpNameTests
{
    [Theory]
    [InlineData("xdstp://a/t.T/one", "a", "t.T", "one", false)]
    [InlineData("xdstp:///t.T/one/two", "", "t.T", "one/two", false)]
    [InlineData("xdstp://a%2Fb/t.T/one%20two?x=1", "a/b", "t.T", "one two", false)]
    [InlineData("xdstp://a/t.T", "a", "t.T", "", false)]
    [InlineData("xdstp://a/t.T/one/*?x=1", "a", "t.T", "one/*", true)]
    [InlineData("xdstp://a/t.T/*", "a", "t.T", "*", true)]
    [InlineData("xdstp://a/t.T/one*", "a", "t.T", "one*", false)]
    public void A_name_has_parts(string text, string authority, string type, string id, bool isGlob)
    {
        var name = XdsTpName.Parse(text, out _)!;
        Assert.Equal((authority, type, id, isGlob), (name.Authority, name.Type, name.Id, name.IsGlob));
        Assert.Equal(isGlob, XdsTpName.IsCollection(text));
    }

    [Theory]
    [InlineData("one", "one does not have an xdstp: scheme")]
    [InlineData("xdstp:one", "xdstp:one does not have an xdstp: scheme")]
    [InlineData("xdstp://a", "Resource type missing from /")]
    [InlineData("xdstp://a//one", "Resource type missing from //one")]
    [InlineData("xdstp://a/t.T/one#entry=x", "xdstp://a/t.T/one#entry=x: the directive entry is not implemented")]
    [InlineData("xdstp://a/t.T/*#alt=xdstp://b/t.T/*,entry=x", "xdstp://a/t.T/*#alt=xdstp://b/t.T/*,entry=x: the directive alt is not implemented")]
    [InlineData("xdstp://a/t.T/one#more", "Unknown fragment component more")]
    public void What_is_no_such_name_is_said(string text, string fault)
    {
        Assert.Null(XdsTpName.Parse(text, out var said));
        Assert.Equal(fault, said);
    }

    [Theory]
    [InlineData("xdstp://a/t.T/one?b=2&a=1", "xdstp://a/t.T/one?a=1&b=2")]
    [InlineData("xdstp://a/t.T/one%2Dtwo?k%3D=%26", "xdstp://a/t.T/one-two?k%3D=%26")]
    [InlineData("xdstp://a/t.T/gr%C3%BCn", "xdstp://a/t.T/gr%C3%BCn")]
    [InlineData("xdstp://a/t.T/one%20two", "xdstp://a/t.T/one two")]
    [InlineData("plain?b=2&a=1", "plain?b=2&a=1")]
    [InlineData("xdstp://a", "xdstp://a")]
    public void Names_are_written_in_one_way(string text, string canonical) => Assert.Equal(canonical, XdsTpName.Canonical(text));

    [Theory]
    [InlineData("xdstp://a/t.T/one/two?x=1", "xdstp://a/t.T/one/*?x=1")]
    [InlineData("xdstp://a/t.T/two", "xdstp://a/t.T/*")]
    [InlineData("xdstp://a/t.T/one/*", "xdstp://a/t.T/one/*")]
    [InlineData("two", null)]
    public void A_resource_is_in_one_collection(string text, string? collection) => Assert.Equal(collection, XdsTpName.CollectionOf(text));

    [Fact]
    public void Context_of_the_client_joins_that_of_the_name_which_counts_more()
    {
        var context = new Dictionary<string, string> { ["xds.node.id"] = "me", ["zone"] = "from the node" };
        Assert.Equal("xdstp://a/t.T/*?xds.node.id=me&zone=here", XdsTpName.Parse("xdstp://a/t.T/*?zone=here", out _)!.Within(context).ToString());
    }
}
