using System.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using static Weft.Proxy.Tests.HttpFilters.Heads;

namespace Weft.Proxy.Tests.HttpFilters.Lua;

public sealed class LuaBodyTests
{
    [LuaFact]
    public void A_request_waits_until_the_script_has_its_body()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              handle:headers():add("request_body_size", handle:body():length())
            end
            """);
        var head = Map((":method", "POST"), (":path", "/"));
        Assert.Equal(FilterStatus.StopAndBuffer, lua.Stream.Request(head, endStream: false));
        Assert.Equal((FilterStatus.StopAndBuffer, ""), lua.Stream.RequestData("hello "));
        Assert.Equal("", Text(head, "request_body_size"));
        Assert.Equal((FilterStatus.Continue, "hello world"), lua.Stream.RequestData("world", endStream: true));
        Assert.Equal("11", Text(head, "request_body_size"));
    }

    [LuaFact]
    public void A_response_gets_another_body_with_its_length()
    {
        using var lua = new LuaStream("""
            function envoy_on_response(handle)
              local body = handle:body()
              local old = body:getBytes(0, body:length())
              handle:headers():replace("x-length", body:setBytes("<p>" .. old:upper() .. "</p>"))
            end
            """);
        var head = Map((":status", "200"), ("content-length", "5"));
        Assert.Equal(FilterStatus.StopAndBuffer, lua.Stream.Response(head, endStream: false));
        Assert.Equal(FilterStatus.StopAndBuffer, lua.Stream.ResponseData("he"u8));
        Assert.Equal(FilterStatus.Continue, lua.Stream.ResponseData("llo"u8, endStream: true));
        Assert.Equal("<p>HELLO</p>", Encoding.UTF8.GetString([.. lua.Stream.ResponseBody]));
        Assert.Equal(("12", "12"), (Text(head, "content-length"), Text(head, "x-length")));
    }

    [LuaTheory]
    [InlineData("handle:body()", "nil")]
    [InlineData("handle:body(true):length()", "0")]
    public void A_message_without_a_body_has_one_on_demand(string expression, string result)
    {
        using var lua = new LuaStream($"function envoy_on_request(handle) handle:headers():add('x', tostring({expression})) end");
        var head = Map((":method", "GET"), (":path", "/"));
        Assert.Equal(FilterStatus.Continue, lua.Stream.Request(head));
        Assert.Equal(result, Text(head, "x"));
    }

    [LuaFact]
    public void A_body_may_be_given_to_a_message_without_one()
    {
        using var lua = new LuaStream("function envoy_on_response(handle) handle:body(true):setBytes('made') end");
        var head = Map((":status", "200"));
        Assert.Equal(FilterStatus.Continue, lua.Stream.Response(head));
        Assert.Equal(("made", "4", true), (Encoding.UTF8.GetString([.. lua.Stream.ResponseBody]), Text(head, "content-length"), lua.Stream.ResponseEnded));
    }

    [LuaTheory]
    [InlineData("getBytes(0, 6)")]
    [InlineData("getBytes(-1, 1)")]
    [InlineData("getBytes(3, 3)")]
    [InlineData("getBytes(1e300, 1)")]
    public void Bytes_outside_of_the_body_are_an_error(string call)
    {
        using var lua = new LuaStream($"function envoy_on_request(handle) local body = handle:body() local _, e = pcall(function() body:{call} end) handle:headers():add('x', e) end");
        var head = Map((":method", "POST"), (":path", "/"));
        lua.Stream.Request(head, endStream: false);
        lua.Stream.RequestData("hello", endStream: true);
        Assert.EndsWith("index/length must be >= 0 and (index + length) must be <= buffer size", Text(head, "x"), StringComparison.Ordinal);
    }

    [LuaFact]
    public void Chunks_pass_as_they_come_and_may_be_changed()
    {
        using var lua = new LuaStream("""
            function envoy_on_response(handle)
              handle:headers():remove("content-length")
              local last
              for chunk in handle:bodyChunks() do
                chunk:setBytes("[" .. chunk:getBytes(0, chunk:length()) .. "]")
                last = chunk
              end
              last:setBytes("end")
            end
            """);
        Assert.Equal(FilterStatus.Continue, lua.Stream.Response(Map((":status", "200"), ("content-length", "9")), endStream: false));
        lua.Stream.ResponseData("ab"u8);
        lua.Stream.ResponseData("cd"u8);
        lua.Stream.ResponseData(""u8, endStream: true);
        Assert.Equal(("[ab][cd]end", true, 0), (Encoding.UTF8.GetString([.. lua.Stream.ResponseBody]), lua.Stream.ResponseEnded, lua.Errors));
    }

    [LuaFact]
    public void A_head_that_has_gone_on_and_a_chunk_of_before_are_out_of_reach()
    {
        using var lua = new LuaStream("""
            errors = {}
            function envoy_on_request(handle)
              local first
              for chunk in handle:bodyChunks() do
                local _, head = pcall(function() handle:headers():add("a", "b") end)
                local _, answer = pcall(function() handle:respond({ [":status"] = "200" }) end)
                local _, old = pcall(function() local size = first:length() end)
                errors = { head, answer, first and old }
                first = first or chunk
              end
            end
            function envoy_on_response(handle)
              handle:headers():add("x", table.concat(errors, "\t"))
            end
            """);
        lua.Stream.Request(Map((":method", "POST"), (":path", "/")), endStream: false);
        lua.Stream.RequestData("a");
        lua.Stream.RequestData("b");
        var head = Map((":status", "200"));
        lua.Stream.Response(head);
        var errors = Text(head, "x").Split('\t');
        Assert.EndsWith(":5: header map can no longer be modified", errors[0], StringComparison.Ordinal);
        Assert.EndsWith(":6: respond() cannot be called if headers have been continued", errors[1], StringComparison.Ordinal);
        Assert.EndsWith(":7: object used outside of proper scope", errors[2], StringComparison.Ordinal);
    }

    [LuaFact]
    public void Trailers_are_read_and_changed()
    {
        using var lua = new LuaStream("""
            function envoy_on_response(handle)
              local body = handle:body()
              local trailers = handle:trailers()
              handle:headers():add("x-seen", trailers:get("grpc-status"))
              trailers:replace("grpc-status", "0")
              trailers:add("x-size", body:length())
            end
            """);
        var head = Map((":status", "200"));
        lua.Stream.Response(head, endStream: false);
        lua.Stream.ResponseData("abc"u8);
        var trailers = Map(("grpc-status", "5"));
        Assert.Equal(FilterStatus.Continue, lua.Stream.ResponseTrailers(trailers));
        Assert.Equal(("5", "0", "3"), (Text(head, "x-seen"), Text(trailers, "grpc-status"), Text(trailers, "x-size")));
        Assert.Equal("abc", Encoding.UTF8.GetString([.. lua.Stream.ResponseBody]));
    }

    [LuaFact]
    public void A_message_may_have_no_trailers()
    {
        using var lua = new LuaStream("function envoy_on_response(handle) kept = handle:trailers() == nil end function envoy_on_request(handle) handle:headers():add('x', tostring(kept)) end");
        Assert.Equal(FilterStatus.Continue, lua.Stream.Response(Map((":status", "200")), endStream: false));
        lua.Stream.ResponseData("abc"u8, endStream: true);
        lua.Stream.End();
        var head = Map((":method", "GET"), (":path", "/"));
        lua.Stream.Request(head);
        Assert.Equal("true", Text(head, "x"));
    }

    [LuaFact]
    public void A_body_beyond_the_limit_is_handed_to_the_path_that_refuses_it()
    {
        using var lua = new LuaStream("function envoy_on_request(handle) handle:body() end");
        lua.Stream.RequestBufferLimitBytes = 10;
        lua.Stream.Request(Map((":method", "POST"), (":path", "/")), endStream: false);
        Assert.Equal((FilterStatus.StopAndBuffer, ""), lua.Stream.RequestData("123456"));
        Assert.Equal((FilterStatus.StopAndBuffer, "123456789012"), lua.Stream.RequestData("789012"));
    }
}
