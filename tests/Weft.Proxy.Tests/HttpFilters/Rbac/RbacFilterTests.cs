using System.Text;
using Envoy.Extensions.Filters.Http.Rbac.V3;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Rbac;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Rbac;

public sealed class RbacFilterTests
{
    private const string Deny = "action: DENY, policies: { \"no admin\": { permissions: [ { url_path: { path: { prefix: /admin } } } ], principals: [ { any: true } ] } }";
    private const string Metadata = "envoy.filters.http.rbac";

    [Fact]
    public void A_request_that_may_not_pass_is_answered_with_403_and_the_policys_name()
    {
        using var stream = new FakeStream(Filters.One("rbac.v3.RBAC", $"rules: {{ {Deny} }}"));
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/admin/users")));
        Assert.Equal((403, "RBAC: access denied", "rbac_access_denied_matched_policy[no_admin]"), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
        stream.End();
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/shop")));
        Assert.Null(stream.Reply);
    }

    [Fact]
    public void In_the_shadow_requests_are_judged_counted_and_let_pass()
    {
        var (factory, context) = Make($"shadow_rules: {{ {Deny} }}, shadow_rules_stat_prefix: trial, track_per_rule_stats: true");
        using var stream = new FakeStream(factory);
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/admin")));
        Assert.Equal(("denied", "no admin"), (Text(stream, "trialshadow_engine_result"), Text(stream, "trialshadow_effective_policy_id")));
        Assert.Equal("", Text(stream, "enforced_engine_result"));
        Assert.Equal((1, 1), (Stat(context, "http.test.rbac.trial.shadow_denied"), Stat(context, "http.test.rbac.trial.policy.no admin.shadow_denied")));
        Assert.Equal(0, Stat(context, "http.test.rbac.denied"));
    }

    [Fact]
    public void Verdicts_are_counted_for_the_filter_and_for_each_policy_where_asked()
    {
        var (factory, context) = Make($"rules: {{ {Deny} }}, rules_stat_prefix: main, track_per_rule_stats: true");
        using var stream = new FakeStream(factory);
        stream.Request(Routes.Request("/admin"));
        Assert.Equal(("denied", "no admin"), (Text(stream, "mainenforced_engine_result"), Text(stream, "mainenforced_effective_policy_id")));
        stream.End();
        stream.Request(Routes.Request("/"));
        Assert.Equal("allowed", Text(stream, "mainenforced_engine_result"));
        Assert.Equal((1, 1, 1), (Stat(context, "http.test.rbac.main.allowed"), Stat(context, "http.test.rbac.main.denied"), Stat(context, "http.test.rbac.main.policy.no admin.denied")));
    }

    [Theory]
    [InlineData("rbac: { rules: { action: ALLOW } }", false, "rbac_access_denied_matched_policy[none]")]
    [InlineData("rbac: {}", true, "")]
    [InlineData("", true, "")]
    public void A_route_has_rules_of_its_own_or_none(string route, bool passes, string details)
    {
        var (factory, context) = Make($"rules: {{ {Deny} }}");
        using var stream = new FakeStream(factory);
        stream.Overrides = [RbacFilterConfig.OfRoute(Filters.Read<RBACPerRoute>(route), context)];
        Assert.Equal(passes ? FilterStatus.Continue : FilterStatus.Ended, stream.Request(Routes.Request("/admin")));
        Assert.Equal(details, stream.Reply?.Details ?? "");
        Assert.Equal(passes ? 0 : 1, Stat(context, "http.test.rbac.denied"));
    }

    [Theory]
    [InlineData("rules: { policies: { p: { permissions: [], principals: [ { any: true } ] } } }")]
    [InlineData("rules: { audit_logging_options: { audit_condition: ON_DENY } }")]
    public void What_is_missing_or_not_implemented_is_refused(string config) => Assert.NotEmpty(Filters.FaultsOfOne("rbac.v3.RBAC", config));

    private static (HttpFilterFactory Factory, FactoryContext Context) Make(string config)
    {
        var context = Routes.Context(new ConfigContext());
        return (Filters.One("rbac.v3.RBAC", config, context), context);
    }

    private static string Text(FakeStream stream, string key) => Encoding.UTF8.GetString(stream.Info.DynamicMetadata.Find(Metadata, [key]).Text);

    private static long Stat(FactoryContext context, string name) => context.Stats.Scope("").Counter(name).Value;
}
