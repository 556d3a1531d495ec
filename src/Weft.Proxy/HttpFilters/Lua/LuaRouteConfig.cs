using Envoy.Extensions.Filters.Http.Lua.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.HttpFilters.Lua;

/// <summary>What a route says to the filter: another script, or none. Immutable; any thread.</summary>
internal sealed class LuaRouteConfig : FilterRouteConfig
{
    private readonly bool _isDisabled;
    private readonly string _name;
    private readonly LuaScript? _script;

    private LuaRouteConfig(LuaPerRoute config, LuaScript? script)
        => (_isDisabled, _name, _script, Context) = (config.Disabled, config.Name, script, config.FilterContext);

    /// <summary>filter_context, for the script; null when there is none.</summary>
    public Struct? Context { get; }

    /// <param name="filter">To which it is said; null when that is not known.</param>
    public static LuaRouteConfig? Create(LuaPerRoute config, HttpFilterFactory? filter, FactoryContext context)
    {
        LuaScript? script = null;
        if (config.SourceCode is { } source && !LuaFilterFactory.TryCompile(source, context, out script))
            return null;
        if (config.Name.Length > 0 && filter is LuaFilterFactory known && !known.ScriptsByName.ContainsKey(config.Name))
            context.Config.Warning(config, "name", $"the filter {known.Name} has no source_codes of that name: no script runs there");
        return new LuaRouteConfig(config, script);
    }

    /// <summary>Null: none runs.</summary>
    public LuaScript? ScriptFor(LuaFilterFactory filter)
    {
        if (_isDisabled)
            return null;
        return _name.Length > 0 ? filter.ScriptsByName.GetValueOrDefault(_name) : _script ?? filter.Script;
    }
}
