using System.Globalization;
using Weft.Config;
using Weft.Proxy.Routing.Matching;
using PathCase = Envoy.Config.Route.V3.RedirectAction.PathRewriteSpecifierOneofCase;
using RedirectMessage = Envoy.Config.Route.V3.RedirectAction;
using ResponseCode = Envoy.Config.Route.V3.RedirectAction.Types.RedirectResponseCode;

namespace Weft.Proxy.Routing;

/// <summary>RedirectAction message to <see cref="RedirectAction"/>. Main thread.</summary>
internal static class RedirectCompiler
{
    public static RedirectAction Compile(RedirectMessage config, PathMatcher path, ConfigContext context) => new()
    {
        Status = config.ResponseCode switch
        {
            ResponseCode.Found => 302,
            ResponseCode.SeeOther => 303,
            ResponseCode.TemporaryRedirect => 307,
            ResponseCode.PermanentRedirect => 308,
            _ => 301,
        },
        Scheme = RedirectAction.Bytes(config.SchemeRedirect.Length > 0 ? config.SchemeRedirect : config.HttpsRedirect ? "https" : ""),
        Host = RedirectAction.Bytes(config.HostRedirect),
        Port = RedirectAction.Bytes(config.PortRedirect == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $":{config.PortRedirect}")),
        Path = RedirectAction.Bytes(config.PathRedirect),
        Rewrite = CompileRewrite(config, path, context),
        StripsQuery = config.StripQuery,
    };

    private static PathRewrite? CompileRewrite(RedirectMessage config, PathMatcher path, ConfigContext context)
    {
        if (config.PathRewriteSpecifierCase == PathCase.PrefixRewrite && config.PrefixRewrite.Length > 0) return new PathRewrite(config.PrefixRewrite, path);
        if (config.PathRewriteSpecifierCase != PathCase.RegexRewrite || RegexRewrite.Create(config.RegexRewrite, context) is not { } regex) return null;
        return new PathRewrite(regex);
    }
}
