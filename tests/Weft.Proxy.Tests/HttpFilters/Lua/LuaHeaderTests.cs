using System.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using static Weft.Proxy.Tests.HttpFilters.Heads;

namespace Weft.Proxy.Tests.HttpFilters.Lua;

public sealed class LuaHeaderTests
{
    [LuaFact]
    public void Headers_are_read_in_any_case_and_joined()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              local headers = handle:headers()
              local lines = {
                headers:get(":Authority"), headers:get("X-List"), headers:getAtIndex("x-list", 1), tostring(headers:getAtIndex("x-list", 2)),
                tostring(headers:getAtIndex("x-list", -1)), headers:getNumValues("x-list"), headers:getNumValues("none"), tostring(headers:get("none")),
              }
              handle:headers():add("x-result", table.concat(lines, "|"))
            end
            """);
        Assert.Equal("host|a,b|b|nil|nil|2|0|nil", Result(lua, ("x-list", "a"), ("x-list", "b")));
    }

    [LuaFact]
    public void Headers_are_added_replaced_and_removed()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              local headers = handle:headers()
              headers:add("X-New", 1)
              headers:add("x-new", "2")
              headers:replace("x-list", "one")
              headers:replace("x-other", "new")
              headers:remove("x-gone")
              headers:replace(":path", "/else")
            end
            """);
        var map = Map((":method", "GET"), (":path", "/"), (":authority", "host"), ("x-list", "a"), ("x-gone", "a"), ("x-list", "b"));
        Assert.Equal(FilterStatus.Continue, lua.Stream.Request(map));
        Assert.Equal("/else", Text(map, ":path"));
        Assert.Equal(["x-list: one", "x-new: 1", "x-new: 2", "x-other: new"], Lines(map));
        Assert.Equal(0, lua.Errors);
        Assert.True(lua.Stream.RouteClears > 0);
    }

    [LuaFact]
    public void The_route_stays_where_that_is_configured()
    {
        using var lua = new LuaStream("function envoy_on_request(handle) handle:headers():add('a', 'b') end", ", clear_route_cache: false");
        Result(lua);
        Assert.Equal(0, lua.Stream.RouteClears);
        using var asking = new LuaStream("function envoy_on_request(handle) handle:clearRouteCache() end", ", clear_route_cache: false");
        Result(asking);
        Assert.Equal(1, asking.Stream.RouteClears);
    }

    [LuaFact]
    public void Headers_are_iterated_and_may_be_changed_meanwhile()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              local names = {}
              for name, value in pairs(handle:headers()) do
                names[#names + 1] = name .. "=" .. value
                if name == "x-a" then handle:headers():remove("x-a") end
              end
              handle:headers():add("x-result", table.concat(names, " "))
            end
            """);
        Assert.Equal(":method=GET :path=/ :authority=host x-a=1 x-b=2", Result(lua, ("x-a", "1"), ("x-b", "2")));
    }

    [LuaTheory]
    [InlineData("headers:add('x y', 'a')", "invalid header name 'x y'")]
    [InlineData("headers:add('', 'a')", "invalid header name ''")]
    [InlineData("headers:add(':other', 'a')", "invalid header name ':other'")]
    [InlineData("headers:add('x', 'a\\r\\nset-cookie: b')", "invalid value of header 'x'")]
    [InlineData("headers:replace(':path', '/a b')", "invalid value of header ':path'")]
    [InlineData("headers:remove(':path')", "header ':path' cannot be removed")]
    [InlineData("headers:remove('host')", "header 'host' cannot be removed")]
    [InlineData("headers:get()", "bad argument #1 to 'get' (string expected, got no value)")]
    [InlineData("headers:add('x', {})", "bad argument #2 to 'add' (string expected, got table)")]
    [InlineData("headers:getAtIndex('x', 'y')", "bad argument #2 to 'getAtIndex' (number expected, got string)")]
    [InlineData("headers:nothing()", "attempt to call method 'nothing' (a nil value)")]
    public void What_would_break_the_message_is_an_error_at_its_line(string statement, string error)
    {
        using var lua = new LuaStream($$"""
            function envoy_on_request(handle)
              local headers = handle:headers()
              local ok, message = pcall(function()
                {{statement}}
              end)
              headers:add("x-result", tostring(ok) .. " " .. message)
            end
            """);
        Assert.Equal($"false [string \"function envoy_on_request(handle)...\"]:4: {error}", Result(lua));
    }

    [LuaFact]
    public void There_is_one_host_and_one_length()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              handle:headers():add(":authority", "other")
              handle:headers():add("host", "third")
              handle:headers():add("content-length", "7")
            end
            """);
        var map = Map((":method", "GET"), (":path", "/"), (":authority", "host"), ("content-length", "5"));
        lua.Stream.Request(map);
        Assert.Equal(("third", "7", 4), (Text(map, ":authority"), Text(map, "content-length"), map.Count));
    }

    [LuaFact]
    public void A_response_gets_another_status_and_reason()
    {
        using var lua = new LuaStream("""
            function envoy_on_response(handle)
              handle:headers():replace(":status", "404")
              handle:headers():setHttp1ReasonPhrase("Nobody Home")
              handle:headers():add("x-error", tostring(select(2, pcall(handle:headers().replace, handle:headers(), ":status", "9"))))
            end
            """);
        var map = Map((":status", "200"));
        lua.Stream.Response(map);
        Assert.Equal((404, "Nobody Home"), (map.Status, Encoding.ASCII.GetString(map.ReasonPhrase!)));
        Assert.Equal("invalid value of header ':status'", Text(map, "x-error"));
    }

    /// <summary>What a request's header x-result says behind the filter.</summary>
    private static string Result(LuaStream lua, params (string, string)[] headers)
    {
        var map = Map([(":method", "GET"), (":path", "/"), (":authority", "host"), .. headers]);
        Assert.Equal(FilterStatus.Continue, lua.Stream.Request(map));
        Assert.Equal(0, lua.Errors);
        return Text(map, "x-result");
    }

    private static IEnumerable<string> Lines(HeaderMap map)
    {
        for (var i = 0; i < map.Count; i++)
        {
            if (map.NameAt(i)[0] != ':')
                yield return $"{Encoding.UTF8.GetString(map.NameAt(i))}: {Encoding.UTF8.GetString(map.ValueAt(i))}";
        }
    }
}
