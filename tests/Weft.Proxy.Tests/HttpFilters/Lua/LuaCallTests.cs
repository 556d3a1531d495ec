using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.HttpFilters.Lua;

/// <summary>Calls of other servers, with a real path around the script.</summary>
public sealed class LuaCallTests : IDisposable
{
    private const string AskAuthorizer = """
        function envoy_on_request(handle)
          local headers, body = handle:httpCall("auth", {
            [":method"] = "POST", [":path"] = "/check", [":authority"] = "auth", ["x-token"] = handle:headers():get("x-token"), ["x-list"] = { "a", "b" },
          }, "who is it?", 5000)
          if headers[":status"] ~= "200" then
            handle:respond({ [":status"] = "403", ["x-why"] = headers["x-why"] or "none" }, body)
          end
          handle:headers():add("x-user", headers["x-user"])
        end
        """;

    private readonly TestUpstream _web = new();
    private readonly TestUpstream _auth = new();

    public void Dispose()
    {
        _web.Dispose();
        _auth.Dispose();
    }

    [LuaFact]
    public void A_request_waits_for_what_another_server_says()
    {
        using var bench = Start(AskAuthorizer);
        var client = bench.Send("GET / HTTP/1.1\r\nhost: a\r\nx-token: t\r\n\r\n");
        var call = _auth.Accept(bench);
        var asked = call.Read();
        Assert.StartsWith("POST /check HTTP/1.1\r\nhost: auth\r\n", asked, StringComparison.Ordinal);
        Assert.Contains("\r\nx-token: t\r\n", asked, StringComparison.Ordinal);
        Assert.Contains("\r\nx-list: a\r\nx-list: b\r\n", asked, StringComparison.Ordinal);
        Assert.Contains("\r\nx-forwarded-for: 127.0.0.1\r\n", asked, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nwho is it?", asked, StringComparison.Ordinal);
        Assert.False(_web.HasConnection);
        call.Answer(200, "", "x-user: ann");
        var upstream = _web.Accept(bench);
        Assert.Contains("\r\nx-user: ann\r\n", upstream.Read(), StringComparison.Ordinal);
        upstream.Answer(200, "hello");
        Assert.EndsWith("hello", client.Read(), StringComparison.Ordinal);
        Assert.Equal((0, 1), (bench.Http("lua.errors"), bench.Http("lua.executions")));
    }

    [LuaFact]
    public void What_it_says_may_become_the_answer()
    {
        using var bench = Start(AskAuthorizer);
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\nx-token: t\r\ncontent-length: 3\r\n\r\nabc");
        var call = _auth.Accept(bench);
        call.Read();
        call.Answer(401, "go away", "x-why: because");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 403 Forbidden\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nx-why: because\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("go away||lua_response", answer.Replace("|-|", "||", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(_web.HasConnection);
    }

    [LuaFact]
    public void Without_an_answer_there_is_a_503_of_the_proxys_own()
    {
        _auth.Refusing();
        using var bench = Start(AskAuthorizer);
        var answer = bench.Send("GET / HTTP/1.1\r\nhost: a\r\nx-token: t\r\n\r\n").Read();
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.Contains("upstream failure", answer, StringComparison.Ordinal);
    }

    [LuaFact]
    public void A_call_ends_when_its_time_is_over()
    {
        using var bench = Start(AskAuthorizer);
        var client = bench.Send("GET / HTTP/1.1\r\nhost: a\r\nx-token: t\r\n\r\n");
        _auth.Accept(bench).Read();
        bench.AdvanceMs(5001);
        Assert.StartsWith("HTTP/1.1 403 ", client.Read(), StringComparison.Ordinal);
    }

    [LuaFact]
    public void A_client_that_goes_away_takes_its_call_along()
    {
        using var bench = Start(AskAuthorizer);
        var client = bench.Send("GET / HTTP/1.1\r\nhost: a\r\nx-token: t\r\n\r\n");
        var call = _auth.Accept(bench);
        call.Read();
        client.Abort();
        call.AssertEnds();
        Assert.Equal(0, bench.Http("lua.errors"));
    }

    [LuaFact]
    public void A_body_is_collected_before_or_after_a_call()
    {
        using var bench = Start("""
            function envoy_on_request(handle)
              local call = function() return handle:httpCall("auth", { [":method"] = "GET", [":path"] = "/", [":authority"] = "auth" }, nil, 0) end
              local first = handle:headers():get("x-first") == "body" and handle:body()
              local _, answer = call()
              local body = first or handle:body()
              body:setBytes(answer .. " " .. body:getBytes(0, body:length()))
            end
            """);
        foreach (var first in new[] { "body", "call" })
        {
            var client = bench.Send($"POST / HTTP/1.1\r\nhost: a\r\nx-first: {first}\r\ncontent-length: 6\r\n\r\nabc");
            if (first == "body")
                client.Send("def");
            var call = _auth.Accept(bench);
            call.Read();
            call.Answer(200, "answer", "connection: close");
            if (first == "call")
                client.Send("def");
            var upstream = _web.Accept(bench);
            Assert.EndsWith("\r\n\r\nanswer abcdef", upstream.Read(), StringComparison.Ordinal);
            upstream.Answer(200, "ok", "connection: close");
            Assert.EndsWith("ok", client.Read(), StringComparison.Ordinal);
        }

        Assert.Equal(0, bench.Http("lua.errors"));
    }

    [LuaFact]
    public void A_response_waits_for_a_call_too()
    {
        using var bench = Start("""
            function envoy_on_response(handle)
              local old = handle:body()
              local headers, body = handle:httpCall("auth", { [":method"] = "POST", [":path"] = "/", [":authority"] = "auth" }, old:getBytes(0, old:length()), { timeout_ms = 1000, return_duplicate_headers = true, send_xff = false })
              handle:body():setBytes(body)
              handle:headers():add("x-list", table.concat(headers["x-list"], "+"))
            end
            """);
        var client = bench.Get();
        var upstream = _web.Accept(bench);
        upstream.Read();
        upstream.Answer(200, "plain");
        var call = _auth.Accept(bench);
        var asked = call.Read();
        Assert.EndsWith("\r\n\r\nplain", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("x-forwarded-for", asked, StringComparison.Ordinal);
        call.Answer(200, "translated", "x-list: 1", "x-list: 2");
        var answer = client.Read();
        Assert.EndsWith("\r\n\r\ntranslated", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nx-list: 1+2\r\n", answer, StringComparison.Ordinal);
    }

    [LuaFact]
    public void Nobody_waits_for_an_asynchronous_call()
    {
        using var bench = Start("""
            function envoy_on_request(handle)
              for i = 1, 2 do
                handle:httpCall("auth", { [":method"] = "POST", [":path"] = "/" .. i, [":authority"] = "auth" }, "seen", 1000, true)
              end
              handle:headers():add("x-after", "1")
            end
            """);
        var client = bench.Get();
        var upstream = _web.Accept(bench);
        Assert.Contains("\r\nx-after: 1\r\n", upstream.Read(), StringComparison.Ordinal);
        upstream.Answer(200, "ok");
        Assert.EndsWith("ok", client.Read(), StringComparison.Ordinal);
        Assert.Equal(["POST /1", "POST /2"], new[] { _auth.Accept(bench).Read()[..7], _auth.Accept(bench).Read()[..7] }.Order());
    }

    [LuaFact]
    public void Calls_follow_one_another()
    {
        using var bench = Start("""
            function envoy_on_request(handle)
              local all = ""
              for i = 1, 3 do
                local _, body = handle:httpCall("auth", { [":method"] = "GET", [":path"] = "/" .. i, [":authority"] = "auth" }, nil, 1000)
                all = all .. tostring(body)
              end
              handle:headers():add("x-all", all)
            end
            """);
        bench.Get();
        foreach (var body in new[] { "a", "", "c" })
        {
            var call = _auth.Accept(bench);
            call.Read();
            call.Answer(200, body, "connection: close");
        }

        Assert.Contains("\r\nx-all: anilc\r\n", _web.Accept(bench).Read(), StringComparison.Ordinal);
    }

    [LuaTheory]
    [InlineData("'nowhere', { [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a' }, nil, 1", "http call cluster invalid. Must be configured")]
    [InlineData("'auth', { [':path'] = '/', [':authority'] = 'a' }, nil, 1", "http call headers must include ':path', ':method', and ':authority'")]
    [InlineData("'auth', { [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a' }, nil, -1", "http call timeout must be >= 0")]
    [InlineData("'auth', { [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a' }, nil, 1, 1", "http call asynchronous flag must be 'true', 'false', or empty")]
    [InlineData("'auth', { [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a' }, nil, { wrong = 1 }", "\"wrong\" is not valid key for httpCall() options")]
    [InlineData("'auth', 'headers', nil, 1", "bad argument #2 to 'httpCall' (table expected, got string)")]
    [InlineData("'auth', { [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a' }", "bad argument #4 to 'httpCall' (number expected, got no value)")]
    public void A_call_that_cannot_be_made_is_an_error(string arguments, string error)
    {
        using var bench = Start($"function envoy_on_request(handle) local _, e = pcall(function() handle:httpCall({arguments}) end) handle:respond({{ [':status'] = '200' }}, e) end");
        Assert.Contains(error, bench.Get().Read(), StringComparison.Ordinal);
    }

    [LuaFact]
    public void A_body_beyond_the_limit_gets_413_and_an_answer_beyond_it_500()
    {
        using var bench = new RouterBench();
        bench.AddCluster("web", [_web]);
        bench.Start(
            "- { match: { prefix: / }, route: { cluster: web } }",
            bufferLimitBytes: 1000,
            filters: LuaStream.Filter("function envoy_on_request(handle) handle:body() end function envoy_on_response(handle) handle:body() handle:headers():add('x-seen', handle:headers():get(':status')) end"));
        var refused = bench.Send($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2000\r\n\r\n{new string('x', 2000)}").Read();
        Assert.StartsWith("HTTP/1.1 413 ", refused, StringComparison.Ordinal);
        Assert.Contains("\r\nx-seen: 413\r\n", refused, StringComparison.Ordinal);
        var client = bench.Get();
        var upstream = _web.Accept(bench);
        upstream.Read();
        upstream.Answer(200, new string('x', 2000));
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
        // What takes the place of a response that filters have begun to see goes past them, as in Envoy.
        Assert.DoesNotContain("x-seen", answer, StringComparison.Ordinal);
    }

    [LuaFact]
    public void A_response_gets_a_reason_and_a_status_that_are_logged()
    {
        using var bench = Start("function envoy_on_response(handle) handle:headers():replace(':status', '299') handle:headers():setHttp1ReasonPhrase('As You Like It') end");
        var client = bench.Get();
        var upstream = _web.Accept(bench);
        upstream.Read();
        upstream.Answer(200, "ok");
        Assert.StartsWith("HTTP/1.1 299 As You Like It\r\n", client.Read(), StringComparison.Ordinal);
    }

    [LuaFact]
    public void Trailers_wait_for_a_call_and_are_changed_by_it()
    {
        using var bench = Start("""
            function envoy_on_response(handle)
              local body = handle:body()
              local old = handle:trailers():get("x-end")
              local _, answer = handle:httpCall("auth", { [":method"] = "GET", [":path"] = "/" .. old, [":authority"] = "auth" }, nil, 1000)
              handle:trailers():replace("x-end", answer)
              handle:trailers():add("x-size", body:length())
            end
            """);
        var client = bench.Send("GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\n\r\n");
        var upstream = _web.Accept(bench);
        upstream.Read();
        upstream.Send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-end: old\r\n\r\n");
        var call = _auth.Accept(bench);
        Assert.StartsWith("GET /old ", call.Read(), StringComparison.Ordinal);
        call.Answer(200, "new");
        var answer = client.ReadUntil("\r\n\r\n") + client.ReadUntil("\r\n\r\n");
        Assert.EndsWith("\r\n3\r\nabc\r\n0\r\nx-end: new\r\nx-size: 3\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(0, bench.Http("lua.errors"));
    }

    private RouterBench Start(string code)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [_web], "http_protocol_options: { enable_trailers: true }");
        bench.AddCluster("auth", [_auth]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }", manager: "http_protocol_options: { enable_trailers: true }", filters: LuaStream.Filter(code));
        return bench;
    }
}
