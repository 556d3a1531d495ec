using Weft.Config;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters;

public sealed class StatPrefixTests
{
    [Theory]
    [InlineData("jwt_authn.v3.JwtAuthentication", "providers: {}", "", "jwt_authn.denied")]
    [InlineData("jwt_authn.v3.JwtAuthentication", "providers: {}", "mine", "jwt_authn.mine.denied")]
    [InlineData("jwt_authn.v3.JwtAuthentication", "providers: {}", "mine.", "jwt_authn.mine.denied")]
    [InlineData("ext_proc.v3.ExternalProcessor", "grpc_service: { envoy_grpc: { cluster_name: c } }", "", "ext_proc.streams_started")]
    [InlineData("ext_proc.v3.ExternalProcessor", "grpc_service: { envoy_grpc: { cluster_name: c } }", "mine", "ext_proc.mine.streams_started")]
    [InlineData("ext_proc.v3.ExternalProcessor", "grpc_service: { envoy_grpc: { cluster_name: c } }", "mine.", "ext_proc.mine.streams_started")]
    [InlineData("lua.v3.Lua", "default_source_code: { inline_string: '' }", "mine.", "lua.mine.errors")]
    public void A_stat_prefix_is_a_part_of_its_own_between_the_filter_and_the_name(string type, string config, string statPrefix, string name)
    {
        var context = Routes.Context(new ConfigContext());
        Filters.One(type, $"{config}, stat_prefix: '{statPrefix}'", context);
        var count = context.Stats.Count;
        context.Stats.Scope("http.test.").Counter(name);
        Assert.Equal(count, context.Stats.Count); // It was there.
    }
}
