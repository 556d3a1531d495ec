using System.Text;
using Envoy.Extensions.Filters.Http.Cors.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;
using RouteCorsPolicy = Envoy.Config.Route.V3.CorsPolicy;

namespace Weft.Proxy.HttpFilters.Cors;

/// <summary>A CorsPolicy of a route or virtual host. What it does not say, a less specific one may. Immutable; any thread.</summary>
internal sealed class CorsPolicyConfig : FilterRouteConfig
{
    private CorsPolicyConfig(CorsPolicy config, FactoryContext context)
    {
        AllowOrigins = [.. config.AllowOriginStringMatch.Select(origin => StringMatcher.Create(origin, context.Config))];
        AllowMethods = Encoding.UTF8.GetBytes(config.AllowMethods);
        AllowHeaders = Encoding.UTF8.GetBytes(config.AllowHeaders);
        ExposeHeaders = Encoding.UTF8.GetBytes(config.ExposeHeaders);
        MaxAge = Encoding.UTF8.GetBytes(config.MaxAge);
        AllowCredentials = config.AllowCredentials;
        AllowPrivateNetworkAccess = config.AllowPrivateNetworkAccess;
        ForwardNotMatchingPreflights = config.ForwardNotMatchingPreflights;
        Enabled = config.FilterEnabled is { } enabled ? RuntimeFraction.From(enabled) : RuntimeFraction.Always;
        Shadow = config.ShadowEnabled is { } shadow ? RuntimeFraction.From(shadow) : null;
    }

    public StringMatcher[] AllowOrigins { get; }

    /// <summary>access-control-allow-methods; <c>*</c>: the one that is asked for.</summary>
    public byte[] AllowMethods { get; }

    /// <summary>access-control-allow-headers; <c>*</c>: those that are asked for.</summary>
    public byte[] AllowHeaders { get; }

    public byte[] ExposeHeaders { get; }

    public byte[] MaxAge { get; }

    public bool? AllowCredentials { get; }

    public bool? AllowPrivateNetworkAccess { get; }

    /// <summary>Default true: a preflight of another origin goes to the upstream.</summary>
    public bool? ForwardNotMatchingPreflights { get; }

    /// <summary>filter_enabled; default: every request.</summary>
    public RuntimeFraction Enabled { get; }

    /// <summary>shadow_enabled: origins are judged and counted, nothing more; null: no request.</summary>
    public RuntimeFraction? Shadow { get; }

    public static CorsPolicyConfig Create(CorsPolicy config, FactoryContext context) => new(config, context);

    /// <summary>The deprecated <c>cors</c> of a virtual host or route action; null when there is none.</summary>
    public static CorsPolicyConfig? Create(RouteCorsPolicy? config, FactoryContext context)
    {
        if (config is null) return null;
        var policy = new CorsPolicy
        {
            AllowMethods = config.AllowMethods,
            AllowHeaders = config.AllowHeaders,
            ExposeHeaders = config.ExposeHeaders,
            MaxAge = config.MaxAge,
            AllowCredentials = config.AllowCredentials,
            AllowPrivateNetworkAccess = config.AllowPrivateNetworkAccess,
            ForwardNotMatchingPreflights = config.ForwardNotMatchingPreflights,
            FilterEnabled = config.FilterEnabled,
            ShadowEnabled = config.ShadowEnabled,
        };
        policy.AllowOriginStringMatch.AddRange(config.AllowOriginStringMatch);
        return new CorsPolicyConfig(policy, context);
    }
}
