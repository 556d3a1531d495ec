using System.Text;
using Envoy.Extensions.Filters.Http.StatefulSession.V3;
using Envoy.Extensions.Http.StatefulSession.Cookie.V3;
using Envoy.Extensions.Http.StatefulSession.Header.V3;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.HashPolicies;
using SessionMessage = Envoy.Extensions.Filters.Http.StatefulSession.V3.StatefulSession;

namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>How sessions are kept, for the filter or for a route. Immutable; any thread.</summary>
internal sealed class StatefulSessionConfig : FilterRouteConfig
{
    /// <summary>Null: no sessions are kept (disabled, or no state configured).</summary>
    public SessionState? State { get; private init; }

    /// <summary>strict: a request whose endpoint cannot serve it fails (503) rather than go to another.</summary>
    public bool IsStrict { get; private init; }

    /// <summary>Null: nothing is counted, as for every route's own settings.</summary>
    public StatefulSessionStats? Stats { get; private init; }

    /// <param name="statPrefix">Of the connection manager.</param>
    public static StatefulSessionConfig OfFilter(SessionMessage config, string statPrefix, FactoryContext context) =>
        Of(config, context.Config, config.StatPrefix.Length == 0 ? null : new StatefulSessionStats(context.Stats.Scope($"http.{statPrefix}.stateful_session.{config.StatPrefix}.")));

    public static StatefulSessionConfig OfRoute(StatefulSessionPerRoute config, FactoryContext context) =>
        config.OverrideCase == StatefulSessionPerRoute.OverrideOneofCase.StatefulSession ? Of(config.StatefulSession, context.Config, null) : new StatefulSessionConfig();

    private static StatefulSessionConfig Of(SessionMessage config, ConfigContext context, StatefulSessionStats? stats) => new()
    {
        State = config.SessionState is null ? null : StateOf(config, context),
        IsStrict = config.Strict,
        Stats = stats,
    };

    private static SessionState? StateOf(SessionMessage config, ConfigContext context)
    {
        switch (context.Unpack(config.SessionState.TypedConfig))
        {
            case CookieBasedSessionState { Cookie: { } cookie }:
                if (cookie.Name.Length == 0)
                    context.Error(cookie, "name", "Cookie key cannot be empty for cookie based stateful sessions");
                var ttl = cookie.Ttl?.Seconds ?? 0;
                return new CookieSession(new CookieText(cookie.Name, ttl, cookie.Path, []), ttl, Encoding.UTF8.GetBytes(cookie.Path));
            case HeaderBasedSessionState header:
                if (header.Name.Length == 0)
                    context.Error(header, "name", "Header name cannot be empty for header based stateful sessions");
                return new HeaderSession(new HeaderName(header.Name));
            default:
                context.Error(config, "session_state", $"Didn't find a registered implementation for name: '{config.SessionState.Name}'");
                return null;
        }
    }
}
