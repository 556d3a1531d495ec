using Envoy.Config.Route.V3;
using Envoy.Extensions.Path.Match.UriTemplate.V3;
using Weft.Config;
using PathCase = Envoy.Config.Route.V3.RouteMatch.PathSpecifierOneofCase;

namespace Weft.Proxy.Routing.Matching;

/// <summary>Compiles the path of a RouteMatch.</summary>
internal static class PathMatcherCompiler
{
    /// <summary>Null, with reported faults, when there is nothing to match.</summary>
    public static PathMatcher? Compile(RouteMatch match, ConfigContext context)
    {
        var caseSensitive = match.CaseSensitive ?? true;
        switch (match.PathSpecifierCase)
        {
            case PathCase.Prefix:
                return PathMatcher.Prefix(match.Prefix, caseSensitive);
            case PathCase.Path:
                return PathMatcher.Exact(match.Path, caseSensitive);
            case PathCase.PathSeparatedPrefix:
                return PathMatcher.SeparatedPrefix(match.PathSeparatedPrefix, caseSensitive);
            case PathCase.SafeRegex:
                return PathMatcher.Regex(match.SafeRegex.Regex, RegexMatcher.Create(match.SafeRegex, context));
            case PathCase.ConnectMatcher:
                return PathMatcher.Connect;
            case PathCase.PathMatchPolicy:
                return CompileTemplate(match, context);
            default:
                return null; // The API's own rules report it.
        }
    }

    private static PathMatcher? CompileTemplate(RouteMatch match, ConfigContext context)
    {
        if (context.Unpack(match.PathMatchPolicy.TypedConfig) is not UriTemplateMatchConfig config)
        {
            context.Error(match, "path_match_policy", $"Didn't find a registered implementation for '{match.PathMatchPolicy.Name}' with type URL: '{match.PathMatchPolicy.TypedConfig?.TypeUrl}'");
            return null;
        }

        if (UriTemplate.Parse(config.PathTemplate, out var error) is not { } template)
        {
            context.Error(config, "path_template", $"path_match_policy.path_template {config.PathTemplate} is invalid: {error}");
            return null;
        }

        return PathMatcher.OfTemplate(template, RegexMatcher.Create(new Envoy.Type.Matcher.V3.RegexMatcher { Regex = template.Regex }, context), config.PathTemplate);
    }
}
