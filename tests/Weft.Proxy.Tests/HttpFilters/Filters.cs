using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Tests.Routing;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.Tests.HttpFilters;

/// <summary>Filters made from YAML, as a connection manager makes them.</summary>
internal static class Filters
{
    public const string Router = "- { name: envoy.filters.http.router, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }";

    /// <summary>A type URL below envoy.extensions.filters.http.</summary>
    public static string Type(string name) => $"type.googleapis.com/envoy.extensions.filters.http.{name}";

    /// <summary>The filters of a chain, which must have no faults.</summary>
    public static HttpFilterFactory[] Chain(string filters, FactoryContext? context = null)
    {
        context ??= Routes.Context(new ConfigContext());
        var factories = HttpFilterChainCompiler.Create(Manager(filters, context.Config), context);
        Assert.Empty(context.Config.Findings.Errors);
        return factories!;
    }

    /// <summary>The first filter of a chain that ends with a router.</summary>
    /// <param name="config">The body of typed_config in flow style, without its braces and type.</param>
    public static HttpFilterFactory One(string type, string config, FactoryContext? context = null)
        => Chain($"- {{ name: tested, typed_config: {{ \"@type\": {Type(type)}, {config} }} }}\n{Router}", context)[0];

    public static string[] Faults(string filters)
    {
        var context = Routes.Context(new ConfigContext());
        HttpFilterChainCompiler.Create(Manager(filters, context.Config), context);
        return [.. context.Config.Findings.Errors.Select(static fault => fault.Text)];
    }

    public static string[] FaultsOfOne(string type, string config)
        => Faults($"- {{ name: tested, typed_config: {{ \"@type\": {Type(type)}, {config} }} }}\n{Router}");

    /// <summary>A message of any type from YAML in flow style, without its braces.</summary>
    public static T Read<T>(string config)
        where T : class, IMessage<T>, new()
    {
        var context = new ConfigContext();
        var message = ConfigReader.ReadText<T>($"{{ {config} }}", "t.yaml", new ReadOptions(), context);
        Assert.Empty(context.Findings.Errors);
        return message;
    }

    private static HcmMessage Manager(string filters, ConfigContext config)
        => ConfigReader.ReadText<HcmMessage>($"stat_prefix: test\nroute_config: {{}}\nhttp_filters:\n{filters}", "t.yaml", new ReadOptions(), config);
}
