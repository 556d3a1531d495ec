using System.Text;

namespace Weft.Http.Tests;

public sealed class HeaderMapTests
{
    private static readonly HeaderName Foo = new("foo");

    [Fact]
    public void Host_means_the_authority_of_a_request()
    {
        var map = new HeaderMap();
        map.Add(KnownHeader.Authority, "a"u8);
        Assert.True(map.Has(new HeaderName("Host")));
        map.Set(new HeaderName("host"), "b"u8);
        Assert.Equal("[:authority=b]", Recorder.Text(map));
    }

    [Fact]
    public void Value_may_be_a_span_of_the_same_map_even_when_the_store_grows()
    {
        var map = new HeaderMap();
        map.Add(Foo, Wire.Bytes(new string('x', 1500)));
        map.Add(KnownHeader.Path, map.Get(Foo));
        map.Add(KnownHeader.Location, map.Get(KnownHeader.Path)[1..]);
        map.Set(Foo, map.Get(KnownHeader.Location)[1..]);
        map.Append(Foo, map.Get(Foo), ", "u8);
        Assert.Equal(1500, map.Get(KnownHeader.Path).Length);
        Assert.Equal(new string('x', 1498) + ", " + new string('x', 1498), Encoding.Latin1.GetString(map.Get(Foo)));
    }

    [Fact]
    public void Set_keeps_the_place_and_removes_the_others_of_that_name()
    {
        var map = Of("a=1", "foo=1", "via=1", "foo=2", "via=2", "b=1", "foo=3");
        map.Set(Foo, "new"u8);
        map.Set(KnownHeader.Via, 42);
        Assert.Equal("[a=1][foo=new][via=42][b=1]", Recorder.Text(map));
    }

    [Fact]
    public void All_values_of_a_name_can_be_walked()
    {
        var map = Of("set-cookie=1", "foo=1", "set-cookie=2", "foo=2", "set-cookie=3");
        foreach (var name in new[] { Foo, new HeaderName(KnownHeader.SetCookie) })
        {
            var values = "";
            for (var i = map.IndexOf(name, 0); i >= 0; i = map.IndexOf(name, i + 1)) values += (char)map.ValueAt(i)[0];
            Assert.Equal(name.Known == KnownHeader.None ? "12" : "123", values);
        }
    }

    [Fact]
    public void Removing_the_first_of_several_finds_the_next()
    {
        var map = Of("via=1", "x=0", "via=2", "via=3");
        map.RemoveAt(0);
        Assert.Equal("2"u8, map.Get(KnownHeader.Via));
        map.RemoveAt(2);
        Assert.Equal("2"u8, map.Get(KnownHeader.Via));
        map.RemoveAt(1);
        Assert.False(map.Has(KnownHeader.Via));
        Assert.Equal("[x=0]", Recorder.Text(map));
    }

    [Fact]
    public void Size_counts_names_and_values()
        => Assert.Equal(":path/".Length + "foobar".Length, Of(":path=/", "foo=bar").ByteSize);

    [Theory]
    [InlineData("200", 200)]
    [InlineData("503", 503)]
    public void Status_is_a_number(string text, int status)
    {
        Assert.Equal(status, Of($":status={text}").Status);
        var map = new HeaderMap();
        map.Set(KnownHeader.Status, status);
        Assert.Equal(text, Encoding.Latin1.GetString(map.Get(KnownHeader.Status)));
        Assert.Equal(0, new HeaderMap().Status);
    }

    [Fact]
    public void Large_store_is_given_back_and_a_small_one_kept()
    {
        var map = Of("foo=bar");
        var small = map.Store;
        map.Clear();
        Assert.Same(small, map.Store);
        map.Add(Foo, new byte[20_000]);
        map.Clear();
        Assert.Empty(map.Store);
        Assert.Equal(0, map.Count);
        Assert.False(map.Has(Foo));
    }

    [Fact]
    public void Copy_is_equal_and_independent()
    {
        var map = Of(":method=GET", "via=1", "foo=1", "via=2");
        var copy = Of("old=1");
        copy.CopyFrom(map);
        map.Set(Foo, "2"u8);
        map.Remove(KnownHeader.Via);
        Assert.Equal("[:method=GET][via=1][foo=1][via=2]", Recorder.Text(copy));
        Assert.Equal("1"u8, copy.Get(KnownHeader.Via));
    }

    [Fact]
    public void Empty_name_is_no_header()
    {
        var map = new HeaderMap();
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Add(default(HeaderName), "x"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Add(""u8, "x"u8));
        Assert.False(map.Has(default(HeaderName)));
    }

    [Fact]
    public void Tens_of_thousands_of_headers_are_held_and_then_no_more()
    {
        var map = new HeaderMap();
        for (var i = 0; i < ushort.MaxValue - 1; i++) map.Add(Foo, "1"u8);
        map.Add(KnownHeader.Via, "last"u8);
        Assert.Equal(ushort.MaxValue, map.Count);
        Assert.Equal("last"u8, map.Get(KnownHeader.Via));
        Assert.Throws<InvalidOperationException>(() => map.Add(Foo, "1"u8));
    }

    [Fact]
    public void Index_outside_is_refused()
    {
        var map = Of("a=1");
        Assert.Throws<ArgumentOutOfRangeException>(() => map.RemoveAt(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.KnownAt(-1));
    }

    internal static HeaderMap Of(params string[] headers)
    {
        var map = new HeaderMap();
        foreach (var header in headers)
        {
            var split = header.Split('=', 2);
            map.Add(Wire.Bytes(split[0]), Wire.Bytes(split[1]));
        }

        return map;
    }
}
