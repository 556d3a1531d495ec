using System.Text;
using Weft.Base;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.Tests.Clusters;
using Weft.Proxy.Tests.Routing;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Tests.HttpFilters.Router.Retries;

public sealed class RetryPolicyTests
{
    [Fact]
    public void Defaults_are_those_of_Envoy()
    {
        var policy = RetryConditionsTests.Policy("retry_on: 5xx");
        Assert.Equal((1u, 0L, 0L, 1), (policy.Retries, policy.PerTryTimeoutMs, policy.PerTryIdleTimeoutMs, policy.HostSelectionAttempts));
        Assert.Equal((null, null, 300_000L), (policy.BaseIntervalMs, policy.MaxIntervalMs, policy.ResetMaxIntervalMs));
    }

    [Fact]
    public void The_routes_policy_replaces_that_of_its_host()
    {
        var table = Routes.Table("""
            name: r
            virtual_hosts:
            - name: v
              domains: ["*"]
              retry_policy: { retry_on: 5xx, num_retries: 7 }
              routes:
              - { match: { prefix: /own }, route: { cluster: c, retry_policy: { retry_on: reset } } }
              - { match: { prefix: / }, route: { cluster: c } }
            """);
        var own = table.Match(Routes.Request("/own"))!.Forward!.Policies.Retry;
        var inherited = table.Match(Routes.Request("/"))!.Forward!.Policies.Retry;
        Assert.Equal((RetryOn.Reset, 1u), (own.Conditions, own.Retries));
        Assert.Equal((RetryOn.ServerError, 7u), (inherited.Conditions, inherited.Retries));
    }

    [Theory]
    [InlineData("retry_back_off: { base_interval: 0.1s, max_interval: 0.05s }", "retry_policy.max_interval must greater than or equal to the base_interval")]
    [InlineData("retry_host_predicate: [{ name: nonsense }]", "Didn't find a registered implementation for 'nonsense' with type URL: ''")]
    [InlineData("retry_priority: { name: nonsense }", "Didn't find a registered implementation for 'nonsense' with type URL: ''")]
    public void Wrong_policies_are_reported(string yaml, string fault)
        => Assert.Contains(fault, Routes.FaultsOfRoutes($"- match: {{ prefix: / }}\n  route: {{ cluster: c, retry_policy: {{ {yaml} }} }}"));

    [Fact]
    public void The_range_of_delays_grows_to_its_maximum()
    {
        long[] largest = new long[6];
        var random = new RandomSource(7);
        for (var request = 0; request < 3_000; request++)
        {
            var backOff = new RetryBackOff(25, 250);
            for (var retry = 0; retry < largest.Length; retry++)
                largest[retry] = Math.Max(largest[retry], backOff.NextMs(random));
        }

        Assert.Equal([24, 74, 174, 249, 249, 249], largest);
    }

    [Theory]
    [InlineData("SECONDS", "120", 120_000L)]
    [InlineData("SECONDS", "-1", null)]
    [InlineData("SECONDS", "soon", null)]
    [InlineData("UNIX_TIMESTAMP", "1060", 60_000L)]
    [InlineData("UNIX_TIMESTAMP", "999", null)]
    public void A_reset_header_tells_how_long_to_wait(string format, string value, long? expected)
    {
        var header = Assert.Single(RetryConditionsTests.Policy($"rate_limited_retry_back_off: {{ reset_headers: [{{ name: X-Reset, format: {format} }}] }}").ResetHeaders);
        var response = new HeaderMap();
        response.Add(new HeaderName("x-reset"), Encoding.UTF8.GetBytes(value));
        Assert.Equal(expected, header.IntervalMs(response, DateTime.UnixEpoch.AddSeconds(1_000)));
        Assert.Null(header.IntervalMs(new HeaderMap(), DateTime.UnixEpoch));
    }

    [Fact]
    public void Endpoints_that_were_tried_are_passed_over()
    {
        var tried = new TriedEndpoints();
        tried.Begin(RetryConditionsTests.Policy("retry_host_predicate: [{ name: envoy.retry_host_predicates.previous_hosts }], host_selection_retry_max_attempts: 3"));
        Endpoint first = TestEndpoints.Create(1), second = TestEndpoints.Create(2);
        tried.Add(first);
        Assert.Equal((3, true, false), (tried.MaxAttempts, tried.Rejects(first), tried.Rejects(second)));
        tried.Begin(RetryPolicyConfig.None);
        Assert.False(tried.Rejects(first));
    }

    [Theory]
    [InlineData("envoy.retry_host_predicates.omit_canary_hosts", "envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate", "")]
    [InlineData("envoy.retry_host_predicates.omit_host_metadata", "envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig", ", metadata_match: { filter_metadata: { envoy.lb: { canary: true } } }")]
    public void Endpoints_are_passed_over_by_their_metadata(string name, string type, string config)
    {
        var tried = new TriedEndpoints();
        tried.Begin(RetryConditionsTests.Policy($"retry_host_predicate: [{{ name: {name}, typed_config: {{ \"@type\": type.googleapis.com/{type}{config} }} }}]"));
        Assert.True(tried.Rejects(WithCanary(true)));
        Assert.False(tried.Rejects(WithCanary(false)));
        Assert.False(tried.Rejects(TestEndpoints.Create(1)));
    }

    [Fact]
    public void Priorities_that_were_tried_are_left_out_every_so_many_attempts()
    {
        var tried = new TriedEndpoints();
        tried.Begin(RetryConditionsTests.Policy(
            "retry_priority: { name: p, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig, update_frequency: 2 } }"));
        tried.Add(TestEndpoints.Create(1, priority: 0));
        Assert.False(tried.HasTried(0));
        tried.Add(TestEndpoints.Create(2, priority: 0));
        Assert.True(tried.HasTried(0));
        tried.Add(TestEndpoints.Create(1, priority: 1));
        Assert.False(tried.HasTried(1));
        tried.Add(TestEndpoints.Create(1, priority: 1));
        Assert.True(tried.HasTried(1));
    }

    private static Endpoint WithCanary(bool canary)
    {
        var plain = TestEndpoints.Create(1);
        var metadata = new Envoy.Config.Core.V3.Metadata();
        metadata.FilterMetadata.Add("envoy.lb", new Struct { Fields = { ["canary"] = Value.ForBool(canary) } });
        return new Endpoint { Address = plain.Address, AddressText = plain.AddressText, Hostname = "", Stats = plain.Stats, Metadata = metadata };
    }
}
