using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;
using RouteListMessage = Envoy.Config.Route.V3.RouteList;
using RouteMessage = Envoy.Config.Route.V3.Route;

namespace Weft.Proxy.Routing;

/// <summary>Compiles VirtualHost.matcher, whose actions are a Route or a RouteList. Main thread.</summary>
internal sealed class HostMatcher(RouteCompiler routes, FactoryContext context)
{
    private int _count;

    public Matcher<RouteList> Compile(MatcherMessage config)
        => new MatcherCompiler<RouteList>(context, MatchScope.Http, CreateAction, RouteInputs.Refuse).Compile(config);

    private RouteList? CreateAction(IMessage config) => config switch
    {
        RouteMessage route => CreateList([route]),
        RouteListMessage list => CreateList(list.Routes),
        _ => null,
    };

    private RouteList CreateList(IEnumerable<RouteMessage> messages)
    {
        var entries = new List<WrittenRoute>();
        foreach (var message in messages)
        {
            if (routes.Compile(message, _count++) is { } entry) entries.Add(new WrittenRoute(entry, message));
        }

        UnreachableRoutes.Warn(entries, context.Config);
        return new RouteList([.. entries.Select(static route => route.Entry)]);
    }
}
