using Weft.Http;
using Weft.Proxy.HttpFilters;
using static Weft.Proxy.Tests.HttpFilters.Heads;

namespace Weft.Proxy.Tests.HttpFilters.Lua;

public sealed class LuaScriptTests
{
    private const string Broken = "function envoy_on_request(handle)\n  local x == 1\nend";

    [LuaFact]
    public void A_script_that_fails_is_counted_and_the_message_goes_on()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              handle:headers():add("before", "1")
              handle:body()
              error({})
            end
            """);
        var head = Request(lua, endStream: false);
        Assert.Equal((FilterStatus.Continue, "abc"), lua.Stream.RequestData("abc", endStream: true));
        Assert.Equal(("1", 1L, 1L), (Text(head, "before"), lua.Errors, lua.Counter("executions")));
        Assert.Equal(0, lua.Counter("cut_short"));
    }

    [LuaFact]
    public void A_script_without_functions_touches_nothing()
    {
        using var lua = new LuaStream("local x = 1");
        Request(lua);
        Assert.Equal(0, lua.Counter("executions"));
    }

    [LuaFact]
    public void Objects_of_another_stream_are_out_of_scope()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              if kept then
                local _, message = pcall(function() return kept:headers():get("a") end)
                local _, of_log = pcall(function() kept:logInfo("a") end)
                handle:headers():add("x", message .. "\t" .. of_log)
              end
              kept = kept or handle
            end
            """);
        Request(lua);
        lua.Stream.End();
        Assert.All(Text(Request(lua), "x").Split('\t'), static message => Assert.EndsWith("object used outside of proper scope", message, StringComparison.Ordinal));
    }

    [LuaFact]
    public void Globals_stay_from_request_to_request()
    {
        using var lua = new LuaStream("count = 0 function envoy_on_request(handle) count = count + 1 handle:headers():add('x', count) end");
        for (var i = 1; i <= 100; i++)
        {
            Assert.Equal($"{i}", Text(Request(lua), "x"));
            lua.Stream.End();
        }
    }

    [LuaFact]
    public void Host_functions_can_be_called_from_coroutines_and_from_functions_of_the_library()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              local part = coroutine.wrap(function() coroutine.yield(handle:headers():get(":path")) end)()
              local filled = ("{:method} {:path}"):gsub("{(.-)}", function(name) return handle:headers():get(name) end)
              local sorted = { "b", "a" }
              table.sort(sorted, function(a, b) handle:logDebug(a) return a < b end)
              handle:headers():add("x", part .. " " .. filled .. " " .. table.concat(sorted) .. " " .. select("#", table.unpack(table.pack(1, nil, 3), 1, 3)))
            end
            """);
        Assert.Equal("/ GET / ab 3", Text(Request(lua), "x"));
    }

    [LuaFact]
    public void A_yield_of_the_scripts_own_is_an_error()
    {
        using var lua = new LuaStream("function envoy_on_request(handle) coroutine.yield(1) end");
        Request(lua);
        Assert.Equal(1, lua.Errors);
    }

    [LuaTheory]
    [InlineData("while true do end")]
    [InlineData("while true do pcall(function() while true do end end) end")]
    [InlineData("coroutine.wrap(function() while true do end end)()")]
    [InlineData("jit.on() debug.sethook() while true do end")]
    public void A_script_that_never_ends_is_cut_short(string statement)
    {
        using var lua = new LuaStream($"function envoy_on_request(handle) {statement} end function envoy_on_response(handle) handle:headers():add('x', 'y') end");
        Assert.Equal(FilterStatus.Continue, lua.Stream.Request(Map((":method", "GET"), (":path", "/"))));
        Assert.Equal((1L, 1L), (lua.Errors, lua.Counter("cut_short")));
        // The next one runs as ever.
        var head = Map((":status", "200"));
        lua.Stream.Response(head);
        Assert.Equal(("y", 1L), (Text(head, "x"), lua.Errors));
    }

    [LuaTheory]
    [InlineData("local function f() return 1 + f() end f()")]
    [InlineData("local function f(s) return s:gsub('.', f) end f('x')")]
    [InlineData("local function f() coroutine.wrap(f)() end f()")]
    [InlineData("local function f() table.sort({ 2, 1 }, f) end f()")]
    [InlineData("xpcall(error, error) error(setmetatable({}, { __tostring = error }))")]
    [InlineData("string.format('%d', handle)")]
    [InlineData("handle:headers().get({}, 'a')")]
    [InlineData("handle:headers().get(nil, 'a')")]
    [InlineData("handle[1] = handle handle:headers():get('a')")]
    [InlineData("setmetatable(_G, { __index = error }) envoy = nothing")]
    public void What_goes_wrong_in_a_script_stays_there(string statement)
    {
        using var lua = new LuaStream($"function envoy_on_request(handle) {statement} end");
        for (var i = 1; i <= 3; i++)
        {
            Request(lua);
            Assert.Equal(i, lua.Errors);
            lua.Stream.End();
        }
    }

    [LuaFact]
    public void Memory_that_is_kept_in_globals_is_given_up()
    {
        using var lua = new LuaStream("""
            kept = {}
            function envoy_on_request(handle)
              kept[#kept + 1] = string.rep(tostring(#kept), 20 * 1024 * 1024)
              handle:headers():add("x", #kept)
            end
            """);
        var counts = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            counts.Add(Text(Request(lua), "x"));
            lua.Stream.End();
        }

        Assert.True(counts.Count(static count => count == "1") > 1, string.Join(' ', counts));
        Assert.DoesNotContain("5", counts);
    }

    [LuaFact]
    public void Memory_beyond_the_limit_ends_a_script()
    {
        using var lua = new LuaStream("function envoy_on_request(handle) local all = {} for i = 1, 1e9 do all[i] = { i } end end");
        Request(lua);
        Assert.Equal((1L, 0L), (lua.Errors, lua.Counter("cut_short")));
        using var longText = new LuaStream("function envoy_on_request(handle) local text = ('x'):rep(1e9) end");
        Request(longText);
        Assert.Equal(1, longText.Errors);
    }

    [LuaFact]
    public void A_script_with_a_syntax_error_is_refused_in_Luas_words()
    {
        const string text = "script load error: [string \"function envoy_on_request(handle)...\"]:2: unexpected symbol near '=='";
        Assert.Equal([text], Filters.FaultsOfOne("lua.v3.Lua", $"default_source_code: {LuaStream.Inline(Broken)}"));
        Assert.Equal([text], Filters.FaultsOfOne("lua.v3.Lua", $"source_codes: {{ a: {LuaStream.Inline(Broken)} }}"));
        Assert.Equal([text], Filters.FaultsOfOne("lua.v3.Lua", $"inline_code: {System.Text.Json.JsonSerializer.Serialize(Broken)}"));
        Assert.Equal(["script load error: [string \"error('no')\"]:1: no"], Filters.FaultsOfOne("lua.v3.Lua", $"default_source_code: {LuaStream.Inline("error('no')")}"));
        Assert.Contains("does not exist", Assert.Single(Filters.FaultsOfOne("lua.v3.Lua", "default_source_code: { filename: /nowhere.lua }")), StringComparison.Ordinal);
    }

    [LuaFact]
    public void Only_one_default_script_may_be_given()
        => Assert.Equal(
            ["Error: Only one of `inline_code` or `default_source_code` can be set for the Lua filter."],
            Filters.FaultsOfOne("lua.v3.Lua", "inline_code: x = 1, default_source_code: { inline_string: x = 1 }"));

    [LuaFact]
    public void The_deprecated_field_is_a_script_too()
    {
        using var stream = new FakeStream(Filters.One("lua.v3.Lua", "inline_code: \"function envoy_on_request(handle) handle:headers():add('x', 'old') end\""));
        var head = Map((":method", "GET"), (":path", "/"));
        stream.Request(head);
        Assert.Equal("old", Text(head, "x"));
    }

    [LuaFact]
    public void Statistics_may_have_a_prefix()
    {
        using var lua = new LuaStream("function envoy_on_request(handle) error('no') end", ", stat_prefix: mine");
        Request(lua);
        Assert.Equal((1L, 1L), (lua.Counter("mine.errors"), lua.Counter("mine.executions")));
    }

    [LuaFact]
    public void A_script_is_read_from_a_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "function envoy_on_request(handle) handle:headers():add('x', 'file') end");
            using var stream = new FakeStream(Filters.One("lua.v3.Lua", $"default_source_code: {{ filename: {file} }}"));
            var head = Map((":method", "GET"), (":path", "/"));
            stream.Request(head);
            Assert.Equal("file", Text(head, "x"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static HeaderMap Request(LuaStream lua, bool endStream = true)
    {
        var head = Map((":method", "GET"), (":path", "/"), (":authority", "host"));
        lua.Stream.Request(head, endStream);
        return head;
    }
}
