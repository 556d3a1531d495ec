using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using SessionMessage = Envoy.Extensions.Filters.Http.StatefulSession.V3.StatefulSession;

namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>Makes filters that keep sessions at their endpoints (envoy.filters.http.stateful_session).</summary>
internal sealed class StatefulSessionFilterFactory : HttpFilterFactory
{
    public required StatefulSessionConfig Config { get; init; }

    public static StatefulSessionFilterFactory Create(string name, SessionMessage config, string statPrefix, FactoryContext context) =>
        new() { Name = name, Config = StatefulSessionConfig.OfFilter(config, statPrefix, context) };

    public override HttpFilter Create(Worker worker) => new StatefulSessionFilter(Config);
}
