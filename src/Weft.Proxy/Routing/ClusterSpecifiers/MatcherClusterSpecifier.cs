using Envoy.Extensions.Router.ClusterSpecifiers.Matcher.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Matching;
using SpecifierMessage = Envoy.Extensions.Router.ClusterSpecifiers.Matcher.V3.MatcherClusterSpecifier;

namespace Weft.Proxy.Routing.ClusterSpecifiers;

/// <summary>envoy.router.cluster_specifier_plugin.matcher: a tree of matchers whose actions are clusters.</summary>
internal sealed class MatcherClusterSpecifier(SpecifierMessage config, FactoryContext context) : ClusterSpecifier
{
    private readonly Matcher<ClusterReference> _matcher =
        new MatcherCompiler<ClusterReference>(context, MatchScope.Http, action => ClusterOf(action, context), RouteInputs.Refuse).Compile(config.ClusterMatcher);

    public override ClusterReference? Select(in RouteRequest request, List<string>? trail = null)
    {
        var data = new MatchData(request.Info, request.Runtime) { RequestHeaders = request.Headers, Trail = trail };
        return _matcher.Find(data, out var cluster) == MatchOutcome.Yes ? cluster : null;
    }

    private static ClusterReference? ClusterOf(IMessage action, FactoryContext context) => action is ClusterAction { Cluster: var name } ? context.Clusters.Get(name) : null;
}
