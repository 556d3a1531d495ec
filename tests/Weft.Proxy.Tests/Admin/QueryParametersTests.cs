using System.Text;
using Weft.Proxy.Admin;

namespace Weft.Proxy.Tests.Admin;

public class QueryParametersTests
{
    [Theory]
    [InlineData("/x?a=1&b=2&a=3", "a=1,b=2,a=3")]
    [InlineData("/x?flag&empty=", "flag=,empty=")]
    [InlineData("/x?a%20b=%c3%BC%zz&c=d=e", "a b=ü%zz,c=d=e")]
    [InlineData("/x?a=1+2", "a=1+2")]
    [InlineData("/x?", "")]
    [InlineData("/x", "")]
    public void A_query_is_split_and_percent_decoded(string target, string expected)
    {
        var request = AdminRequest.Parse("GET", target);
        Assert.Equal("/x", request.Path);
        Assert.Equal(expected, string.Join(',', request.Query.All.Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Fact]
    public void The_first_value_of_a_name_counts()
    {
        var query = QueryParameters.Parse("a=1&a=2");
        Assert.Equal("1", query.Find("a"));
        Assert.Equal(1, query.Count);
        Assert.Null(query.Find("b"));
    }

    [Fact]
    public void Form_values_are_parameters_when_the_path_has_none()
    {
        var body = Encoding.UTF8.GetBytes("level=debug&paths=");
        Assert.Equal("debug", AdminRequest.Parse("POST", "/logging", "application/x-www-form-urlencoded", body).Query.Find("level"));
        Assert.Null(AdminRequest.Parse("POST", "/logging?x=1", "application/x-www-form-urlencoded", body).Query.Find("level"));
        Assert.Null(AdminRequest.Parse("POST", "/logging", "text/plain", body).Query.Find("level"));
    }
}
