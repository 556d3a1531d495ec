using System.Text;
using Weft.Base.Buffers;
using Weft.Proxy.HttpFilters.OAuth2;

namespace Weft.Proxy.Tests.HttpFilters.OAuth2;

public sealed class CookieSetTests
{
    private readonly CookieSet _cookies = new();

    [Fact]
    public void Cookies_of_all_lines_are_read()
    {
        _cookies.Read(Heads.Map(("cookie", "a=1;  b=\"two\"; no name; c="), ("cookie", "d=x=y")));
        Assert.Equal(("1", "two", "", "x=y", ""), (Get("a"), Get("b"), Get("c"), Get("d"), Get("e")));
        Assert.True(_cookies.Has("c"u8));
        Assert.False(_cookies.Has("e"u8));
    }

    [Fact]
    public void Of_several_of_one_name_the_first_counts_until_it_is_set()
    {
        _cookies.Read(Heads.Map(("cookie", "a=1; a=2; b=3")));
        Assert.Equal("1", Get("a"));
        _cookies.Set("a"u8, "4"u8);
        Assert.Equal("b=3; a=4", Written());
        _cookies.Remove("b"u8);
        Assert.Equal("a=4", Written());
    }

    [Fact]
    public void Those_that_do_not_count_can_be_removed()
    {
        _cookies.Read(Heads.Map(("cookie", "b=0; a=1; c=2; a=3"), ("cookie", "a=4")));
        _cookies.RemoveRepeated("a"u8);
        _cookies.RemoveRepeated("d"u8);
        Assert.Equal("b=0; a=1; c=2", Written());
    }

    [Fact]
    public void Without_cookies_there_is_no_header()
    {
        _cookies.Read(Heads.Map(("cookie", "a=1")));
        _cookies.Remove("a"u8);
        var headers = Heads.Map(("cookie", "old"));
        _cookies.WriteTo(headers, new ByteWriter());
        Assert.Equal(0, headers.Count);
    }

    [Fact]
    public void A_value_may_be_another_of_the_set()
    {
        _cookies.Read(Heads.Map(("cookie", "a=" + new string('x', 200))));
        for (var i = 0; i < 10; i++)
            _cookies.Set(Encoding.ASCII.GetBytes("b" + i), _cookies.Get("a"u8));
        Assert.Equal(new string('x', 200), Get("b9"));
    }

    [Fact]
    public void The_next_request_has_cookies_of_its_own()
    {
        _cookies.Read(Heads.Map(("cookie", "a=1")));
        _cookies.Read(Heads.Map());
        Assert.False(_cookies.Has("a"u8));
    }

    private string Get(string name) => Encoding.ASCII.GetString(_cookies.Get(Encoding.ASCII.GetBytes(name)));

    private string Written()
    {
        var headers = Heads.Map();
        _cookies.WriteTo(headers, new ByteWriter());
        return Heads.Text(headers, "cookie");
    }
}
