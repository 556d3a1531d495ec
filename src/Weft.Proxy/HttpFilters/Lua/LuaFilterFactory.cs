using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.HttpFilters.Lua.Engine;
using Weft.Proxy.Routing;
using Weft.Proxy.Workers;
using LuaMessage = Envoy.Extensions.Filters.Http.Lua.V3.Lua;

namespace Weft.Proxy.HttpFilters.Lua;

/// <summary>Makes filters that run Lua scripts (envoy.filters.http.lua).</summary>
internal sealed class LuaFilterFactory : HttpFilterFactory
{
    /// <summary>For streams whose routes name no other; null: there is none.</summary>
    public required LuaScript? Script { get; init; }

    /// <summary>source_codes.</summary>
    public required IReadOnlyDictionary<string, LuaScript> ScriptsByName { get; init; }

    /// <summary>A script that changes the head of a request has the route found anew; default true.</summary>
    public required bool ClearsRouteCache { get; init; }

    public required LuaStats Stats { get; init; }

    public required ClusterReferences Clusters { get; init; }

    public static LuaFilterFactory? Create(string name, LuaMessage config, string statPrefix, FactoryContext context)
    {
        var isSound = true;
        LuaScript? script = null;
#pragma warning disable CS0612 // Deprecated in the API, but still in files.
        var inline = config.InlineCode;
#pragma warning restore CS0612
        if (config.DefaultSourceCode is not null && inline.Length > 0)
        {
            context.Config.Error(config, "inline_code", "Error: Only one of `inline_code` or `default_source_code` can be set for the Lua filter.");
            isSound = false;
        }
        else if (config.DefaultSourceCode is { } source)
        {
            isSound = TryCompile(source, context, out script);
        }
        else if (inline.Length > 0)
        {
            isSound = TryCompile(System.Text.Encoding.UTF8.GetBytes(inline), config, "inline_code", context, out script);
        }

        var named = new Dictionary<string, LuaScript>(StringComparer.Ordinal);
        foreach (var (key, code) in config.SourceCodes)
        {
            isSound &= TryCompile(code, context, out var one);
            if (one is not null)
                named[key] = one;
        }

        if (!isSound)
            return null;
        return new LuaFilterFactory
        {
            Name = name,
            Script = script,
            ScriptsByName = named,
            ClearsRouteCache = config.ClearRouteCache ?? true,
            Stats = new LuaStats(context.Stats.Scope($"{context.HttpFilterPrefix(statPrefix)}lua.{FactoryContext.OwnPrefix(config.StatPrefix)}")),
            Clusters = context.Clusters,
        };
    }

    /// <summary>Reads and loads a script; false, with findings, when that cannot be.</summary>
    public static bool TryCompile(DataSource source, FactoryContext context, out LuaScript? script)
    {
        script = null;
        var field = source.SpecifierCase switch
        {
            DataSource.SpecifierOneofCase.Filename => "filename",
            DataSource.SpecifierOneofCase.InlineString => "inline_string",
            DataSource.SpecifierOneofCase.InlineBytes => "inline_bytes",
            DataSource.SpecifierOneofCase.EnvironmentVariable => "environment_variable",
            _ => null,
        };
        return DataSourceReader.Read(source, long.MaxValue, context.Config) is { } code && TryCompile(code, source, field, context, out script);
    }

    public override HttpFilter Create(Worker worker) => new LuaFilter(this, worker);

    private static bool TryCompile(byte[] code, IMessage at, string? field, FactoryContext context, out LuaScript? script)
    {
        script = LuaScript.Create(code, out var fault);
        if (script is null)
            context.Config.Error(at, field, fault);
        return script is not null;
    }
}

/// <summary>What the filter counts for its connection manager.</summary>
internal sealed class LuaStats(StatsScope scope)
{
    /// <summary>Scripts that failed.</summary>
    public Counter Errors { get; } = scope.Counter("errors");

    /// <summary>Runs of a script, requests and responses each.</summary>
    public Counter Executions { get; } = scope.Counter("executions");

    /// <summary>Scripts that failed because they ran for too long (not in Envoy, where they would run on).</summary>
    public Counter CutShort { get; } = scope.Counter("cut_short");
}
