using System.Text.Json;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Lua;

/// <summary>A stream with a script.</summary>
internal sealed class LuaStream : IDisposable
{
    private readonly FactoryContext _context = Routes.Context(new ConfigContext());

    /// <param name="code">The default script.</param>
    /// <param name="more">More fields of the filter, in flow style, behind a comma.</param>
    public LuaStream(string code, string more = "") => Stream = new FakeStream(Filters.One("lua.v3.Lua", $"default_source_code: {Inline(code)}{more}", _context));

    public FakeStream Stream { get; }

    public long Errors => Counter("errors");

    /// <summary>A counter below the filter's name.</summary>
    public long Counter(string name)
    {
        var all = new List<Statistic>();
        _context.Stats.List(all);
        return all.Single(statistic => statistic.Name == "http.test.lua." + name).Value;
    }

    /// <summary>A DataSource with that text.</summary>
    public static string Inline(string code) => $"{{ inline_string: {JsonSerializer.Serialize(code)} }}";

    /// <summary>A filter of a chain.</summary>
    public static string Filter(string code, string name = "lua")
        => $"- {{ name: {name}, typed_config: {{ \"@type\": {Filters.Type("lua.v3.Lua")}, default_source_code: {Inline(code)} }} }}";

    public void Dispose() => Stream.Dispose();
}
