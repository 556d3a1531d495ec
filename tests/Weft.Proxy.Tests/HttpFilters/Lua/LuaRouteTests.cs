using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.HttpFilters.Lua;

/// <summary>What routes say to the filter, in a running connection manager.</summary>
public sealed class LuaRouteTests
{
    private const string Tell = "function envoy_on_request(handle) handle:respond({ [':status'] = '200' }, 'NAME ' .. tostring(handle:filterContext()['key']) .. ' ' .. tostring(handle:filterContext():get('key'))) end";

    [LuaFact]
    public void Routes_choose_another_script_or_none()
    {
        using var bench = new RouterBench();
        bench.Start(
            Route("/off", "disabled: true") + Route("/named", "name: other") + Route("/unknown", "name: nothing") + Route("/own", $"source_code: {LuaStream.Inline(Script("own"))}")
            + Route("/context", "filter_context: { key: 7 }") + "- { match: { prefix: / }, direct_response: { status: 404 } }",
            filters: $"- {{ name: lua, typed_config: {{ \"@type\": {Filters.Type("lua.v3.Lua")}, default_source_code: {LuaStream.Inline(Script("default"))}, source_codes: {{ other: {LuaStream.Inline(Script("other"))} }} }} }}");
        Assert.Equal("default nil nil", Get(bench, "/"));
        Assert.Equal("off", Get(bench, "/off"));
        Assert.Equal("other nil nil", Get(bench, "/named"));
        Assert.Equal("off", Get(bench, "/unknown"));
        Assert.Equal("own nil nil", Get(bench, "/own"));
        Assert.Equal("default 7 7", Get(bench, "/context"));
        Assert.Contains(bench.Config.Findings.All, static finding => finding.ToString()!.Contains("no source_codes of that name", StringComparison.Ordinal));
    }

    [LuaFact]
    public void Metadata_of_route_and_virtual_host_is_at_hand()
    {
        using var bench = new RouterBench();
        bench.Start(
            """
            - match: { prefix: /old }
              direct_response: { status: 404 }
              metadata: { filter_metadata: { envoy.filters.http.lua: { plain: true } } }
            - match: { prefix: / }
              direct_response: { status: 404 }
              metadata: { filter_metadata: { lua: { text: t, number: 1.5, no: false, nothing: null, list: [a, [b]], map: { x: { y: deep } } } } }
            """,
            host: "metadata: { filter_metadata: { lua: { of: host } } }",
            filters: LuaStream.Filter("""
                function envoy_on_request(handle)
                  local m = handle:metadata()
                  local keys = {}
                  for key in pairs(m) do keys[#keys + 1] = key end
                  table.sort(keys)
                  local list, map = m:get("list") or { "", { "" } }, m:get("map") or { x = {} }
                  handle:respond({ [":status"] = "200" }, table.concat({ tostring(m:get("plain")), tostring(m:get("text")), tostring(m:get("number")), tostring(m:get("no")),
                    tostring(m:get("nothing")), list[1], list[2][1], tostring(map.x.y), handle:virtualHost():metadata():get("of"), tostring(handle:route():metadata():get("text")),
                    table.concat(keys, ",") }, " "))
                end
                """));
        Assert.Equal("nil t 1.5 false nil a b deep host t list,map,no,number,text", Get(bench, "/"));
        Assert.Equal("true nil nil nil nil   nil host nil plain", Get(bench, "/old"));
    }

    [LuaFact]
    public void A_changed_path_has_the_route_found_anew()
    {
        using var bench = new RouterBench();
        bench.Start(
            "- { match: { prefix: /a }, direct_response: { status: 404 } }\n- { match: { prefix: /b }, direct_response: { status: 200, body: { inline_string: there } } }",
            filters: LuaStream.Filter("function envoy_on_request(handle) handle:streamInfo():routeName() handle:headers():replace(':path', '/b') end"));
        Assert.Equal("there", Get(bench, "/a"));
    }

    private static string Script(string name) => Tell.Replace("NAME", name, StringComparison.Ordinal);

    private static string Route(string path, string config)
        => $"- {{ match: {{ prefix: {path} }}, direct_response: {{ status: 200, body: {{ inline_string: \"off\" }} }}, typed_per_filter_config: {{ lua: {{ \"@type\": {Filters.Type("lua.v3.LuaPerRoute")}, {config} }} }} }}\n";

    /// <summary>The body of an answer, of a local reply without what the bench adds.</summary>
    private static string Get(RouterBench bench, string path)
    {
        var answer = bench.Send($"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").Read();
        return answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Split('|')[0];
    }
}
