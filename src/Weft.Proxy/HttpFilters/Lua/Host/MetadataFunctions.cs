using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.HttpFilters.Lua.Engine;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>Metadata of configuration, dynamic metadata, filter state.</summary>
internal static class MetadataFunctions
{
    private const string DefaultNamespace = "envoy.filters.http.lua";
    private const int OfConnection = 1;

    /// <summary>The kinds of configured metadata, as the prelude numbers them.</summary>
    private enum Source { RouteOrDefault, Route, VirtualHost, FilterContext }

    /// <summary>Stream, kind, key. Gives true and the value, which may be false.</summary>
    public static int Get(LuaRun run, LuaStack stack)
    {
        stack.Push(true);
        if (Find(run, stack) is { } fields && fields.Fields.TryGetValue(stack.TextAt(3), out var value))
            LuaValues.Push(stack, value);
        else
            stack.PushNil();
        return 2;
    }

    /// <summary>Stream, kind.</summary>
    public static int All(LuaRun run, LuaStack stack) => Give(stack, Find(run, stack));

    /// <summary>Stream, whether of its connection, namespace.</summary>
    public static int GetDynamic(LuaRun run, LuaStack stack)
    {
        if (DynamicOf(run, stack).ToStruct(stack.TextAt(3)) is not { } fields)
            return stack.Nothing();
        return Give(stack, fields);
    }

    /// <summary>Stream, whether of its connection.</summary>
    public static int AllDynamic(LuaRun run, LuaStack stack)
    {
        var metadata = DynamicOf(run, stack);
        stack.PushTable(0, 0);
        foreach (var name in metadata.Namespaces())
        {
            stack.Push(name);
            LuaValues.Push(stack, metadata.ToStruct(name)!);
            stack.SetField();
        }

        return 1;
    }

    /// <summary>Stream, namespace, key, value.</summary>
    public static int SetDynamic(LuaRun run, LuaStack stack)
    {
        if (stack.Count < 4)
            stack.PushNil();
        else
            stack.PushCopy(4);
        if (LuaValues.Read(stack, out var fault) is not { } value)
            return stack.Refuse(fault);
        run.Stream.Info.DynamicMetadata.Set(stack.TextAt(2), stack.TextAt(3), value);
        return stack.Nothing();
    }

    /// <summary>Stream, name.</summary>
    public static int GetFilterState(LuaRun run, LuaStack stack)
        => run.Stream.Info.FilterState.Find(stack.TextAt(2))?.Text is { } text ? stack.Give(text) : stack.Nothing();

    private static int Give(LuaStack stack, Struct? fields)
    {
        if (fields is null)
            stack.PushTable(0, 0);
        else
            LuaValues.Push(stack, fields);
        return 1;
    }

    private static DynamicMetadata DynamicOf(LuaRun run, LuaStack stack)
        => stack.IntegerAt(2) == OfConnection ? run.Stream.ConnectionMetadata : run.Stream.Info.DynamicMetadata;

    private static Struct? Find(LuaRun run, LuaStack stack) => (Source)stack.IntegerAt(2) switch
    {
        Source.RouteOrDefault => Of(run.Stream.Route?.Metadata, run.FilterName) ?? Of(run.Stream.Route?.Metadata, DefaultNamespace),
        Source.Route => Of(run.Stream.Route?.Metadata, run.FilterName),
        Source.VirtualHost => Of((run.Stream.Route?.VirtualHost ?? run.Stream.Info.VirtualHost)?.Metadata, run.FilterName),
        _ => run.FilterContext,
    };

    private static Struct? Of(Envoy.Config.Core.V3.Metadata? metadata, string name)
        => metadata is not null && metadata.FilterMetadata.TryGetValue(name, out var fields) ? fields : null;
}
