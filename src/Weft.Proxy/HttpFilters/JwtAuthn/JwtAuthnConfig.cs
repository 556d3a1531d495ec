using Envoy.Extensions.Filters.Http.JwtAuthn.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.JwtAuthn.Requirements;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.Matching;
using JwtRequirement = Weft.Proxy.HttpFilters.JwtAuthn.Requirements.JwtRequirement;

namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>A compiled JwtAuthentication. Any thread.</summary>
internal sealed class JwtAuthnConfig
{
    private readonly JwtAuthentication _source;
    private readonly SortedDictionary<string, JwtProviderConfig> _providers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JwtProviderConfig> _byIssuer = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JwtRequirement> _byName = new(StringComparer.Ordinal);
    private readonly (PathMatcher Path, RouteConditions? Conditions, JwtRequirement? Requirement)[] _rules;

    private JwtAuthnConfig(JwtAuthentication source, JwtAuthnStats stats, FactoryContext context)
    {
        (_source, Stats) = (source, stats);
        foreach (var (name, provider) in source.Providers.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            if (JwtProviderConfig.Create(name, provider, stats, context) is not { } compiled)
                continue;
            _providers[name] = compiled;
            _byIssuer.TryAdd(provider.Issuer, compiled);
        }

        AllLocations = new JwtLocations(_providers.Values.Select(static provider => provider.Source));
        var compiler = new JwtRequirementCompiler(this, context);
        foreach (var (name, requirement) in source.RequirementMap)
            _byName[name] = compiler.Compile(requirement);
        RequirementNames = string.Join(',', _byName.Keys.Order(StringComparer.Ordinal));
        _rules = [.. RulesOf(compiler, context)];
    }

    public JwtAuthnStats Stats { get; }

    /// <summary>Where tokens of any provider stand.</summary>
    public JwtLocations AllLocations { get; }

    /// <summary>The provider, where there is just one.</summary>
    public JwtProviderConfig? OnlyProvider => _providers.Count == 1 ? _providers.First().Value : null;

    /// <summary>Names of requirement_map, separated by commas.</summary>
    public string RequirementNames { get; }

    public bool BypassesCorsPreflight => _source.BypassCorsPreflight;

    /// <summary>strip_failure_response: clients do not hear why.</summary>
    public bool HidesReason => _source.StripFailureResponse;

    public static JwtAuthnConfig Create(JwtAuthentication source, JwtAuthnStats stats, FactoryContext context) => new(source, stats, context);

    public JwtProviderConfig? Provider(string name) => _providers.GetValueOrDefault(name);

    /// <summary>It is configured, and its faults are reported.</summary>
    public bool HasFaultyProvider(string name) => _source.Providers.ContainsKey(name) && !_providers.ContainsKey(name);

    /// <summary>By iss; otherwise the first provider of all issuers.</summary>
    public JwtProviderConfig? ProviderOf(string issuer) => _byIssuer.GetValueOrDefault(issuer) ?? _byIssuer.GetValueOrDefault("");

    /// <summary>By its name in requirement_map.</summary>
    public JwtRequirement? Requirement(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Of the first rule that the request matches; null: nothing is required.</summary>
    public JwtRequirement? RequirementOf(in RouteRequest request)
    {
        var path = PathText.WithoutQuery(request.Headers.Get(KnownHeader.Path));
        var isConnect = request.Headers.Get(KnownHeader.Method).SequenceEqual("CONNECT"u8);
        foreach (var (matcher, conditions, requirement) in _rules)
        {
            if (matcher.IsMatch(path, isConnect) && (conditions is null || conditions.Hold(request)))
                return requirement;
        }

        return null;
    }

    private IEnumerable<(PathMatcher, RouteConditions?, JwtRequirement?)> RulesOf(JwtRequirementCompiler compiler, FactoryContext context)
    {
        foreach (var rule in _source.Rules)
        {
            // The API's own rules report what is missing.
            if (rule.Match is null || PathMatcherCompiler.Compile(rule.Match, context.Config) is not { } path)
                continue;
            yield return (path, RouteConditions.Create(rule.Match, context.Config), RequirementOf(rule, compiler, context));
        }
    }

    private JwtRequirement? RequirementOf(RequirementRule rule, JwtRequirementCompiler compiler, FactoryContext context)
    {
        switch (rule.RequirementTypeCase)
        {
            case RequirementRule.RequirementTypeOneofCase.Requires:
                return compiler.Compile(rule.Requires);
            case RequirementRule.RequirementTypeOneofCase.RequirementName:
                if (Requirement(rule.RequirementName) is { } named)
                    return named;
                context.Config.Error(rule, "requirement_name", $"Wrong requirement_name: {rule.RequirementName}. It should be one of [{RequirementNames}]");
                return null;
            default:
                return null;
        }
    }
}
