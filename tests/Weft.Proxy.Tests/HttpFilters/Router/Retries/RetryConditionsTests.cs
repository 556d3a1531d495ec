using System.Text;
using Weft.Http;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters.Router.Retries;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Router.Retries;

public sealed class RetryConditionsTests
{
    [Theory]
    [InlineData("5xx", 500, "", true)]
    [InlineData("5xx", 599, "", true)]
    [InlineData("5xx", 499, "", false)]
    [InlineData("gateway-error", 502, "", true)]
    [InlineData("gateway-error", 503, "", true)]
    [InlineData("gateway-error", 504, "", true)]
    [InlineData("gateway-error", 500, "", false)]
    [InlineData("retriable-4xx", 409, "", true)]
    [InlineData("retriable-4xx", 404, "", false)]
    [InlineData("reset", 503, "", false)]
    [InlineData("connect-failure", 503, "", false)]
    [InlineData("5xx", 503, "x-envoy-ratelimited: true", false)]
    [InlineData("envoy-ratelimited", 429, "x-envoy-ratelimited: true", true)]
    [InlineData("envoy-ratelimited", 429, "", false)]
    [InlineData("cancelled", 200, "grpc-status: 1", true)]
    [InlineData("deadline-exceeded", 200, "grpc-status: 4", true)]
    [InlineData("resource-exhausted", 200, "grpc-status: 8", true)]
    [InlineData("internal", 200, "grpc-status: 13", true)]
    [InlineData("unavailable", 200, "grpc-status: 14", true)]
    [InlineData("unavailable", 200, "grpc-status: 13", false)]
    [InlineData("unavailable", 200, "", false)]
    [InlineData(" retriable-4xx , 5xx", 500, "", true)]
    [InlineData("unknown", 500, "", false)]
    public void A_response_is_tried_again_by_its_status_and_headers(string retryOn, int status, string header, bool expected)
        => Assert.Equal(expected, Begin($"retry_on: '{retryOn}'").Match(Response(status, header)));

    [Theory]
    [InlineData("connect-failure", nameof(ResetReason.RemoteConnectionFailure), false, true)]
    [InlineData("connect-failure", nameof(ResetReason.ConnectionTimeout), false, true)]
    [InlineData("connect-failure", nameof(ResetReason.LocalConnectionFailure), false, true)]
    [InlineData("connect-failure", nameof(ResetReason.ConnectionTermination), true, false)]
    [InlineData("reset", nameof(ResetReason.ConnectionTermination), true, true)]
    [InlineData("reset", nameof(ResetReason.RemoteConnectionFailure), false, true)]
    [InlineData("reset", nameof(ResetReason.LocalReset), true, true)]
    [InlineData("5xx", nameof(ResetReason.RemoteReset), true, true)]
    [InlineData("gateway-error", nameof(ResetReason.ProtocolError), true, true)]
    [InlineData("reset-before-request", nameof(ResetReason.RemoteConnectionFailure), false, true)]
    [InlineData("reset-before-request", nameof(ResetReason.ConnectionTermination), true, false)]
    [InlineData("refused-stream", nameof(ResetReason.RemoteRefusedStream), true, true)]
    [InlineData("refused-stream", nameof(ResetReason.RemoteReset), true, false)]
    [InlineData("retriable-4xx", nameof(ResetReason.RemoteReset), true, false)]
    [InlineData("5xx,reset,connect-failure", nameof(ResetReason.Overflow), false, false)]
    public void A_reset_is_tried_again_by_its_reason(string retryOn, string reason, bool requestStarted, bool expected)
        => Assert.Equal(expected, Begin($"retry_on: '{retryOn}'").Match(Enum.Parse<ResetReason>(reason), requestStarted));

    [Fact]
    public void Headers_of_the_request_add_conditions_codes_and_names()
    {
        var conditions = Begin(
            "retry_on: retriable-status-codes, retriable_status_codes: [418]",
            ("x-envoy-retry-on", "retriable-headers, retriable-4xx"),
            ("x-envoy-retry-grpc-on", "unavailable"),
            ("x-envoy-retriable-status-codes", "429, x, 430"),
            ("x-envoy-retriable-header-names", "X-Again, x-more"));
        Assert.True(conditions.Match(Response(418)));
        Assert.True(conditions.Match(Response(430)));
        Assert.True(conditions.Match(Response(409)));
        Assert.True(conditions.Match(Response(200, "x-again: ")));
        Assert.True(conditions.Match(Response(200, "x-more: 1")));
        Assert.True(conditions.Match(Response(200, "grpc-status: 14")));
        Assert.False(conditions.Match(Response(500)));
    }

    [Fact]
    public void One_requests_headers_do_not_count_for_the_next()
    {
        var conditions = Begin("retry_on: retriable-status-codes", ("x-envoy-retriable-status-codes", "429"));
        conditions.Begin(Policy("retry_on: 'retriable-status-codes,retriable-headers'"), Routes.Request("/"));
        Assert.False(conditions.Match(Response(429)));
    }

    [Fact]
    public void Retriable_headers_are_matched_in_full()
    {
        var conditions = Begin("retry_on: retriable-headers, retriable_headers: [{ name: x-state, string_match: { exact: busy } }]");
        Assert.True(conditions.Match(Response(200, "x-state: busy")));
        Assert.False(conditions.Match(Response(200, "x-state: idle")));
    }

    [Fact]
    public void Without_a_retriable_request_header_nothing_is_tried_again()
    {
        const string Yaml = "retry_on: 5xx, retriable_request_headers: [{ name: x-safe, present_match: true }]";
        Assert.False(Begin(Yaml).Any);
        Assert.True(Begin(Yaml, ("x-safe", "1")).Match(Response(500)));
    }

    internal static RetryPolicyConfig Policy(string yaml)
        => Routes.OfRoutes($"- match: {{ prefix: / }}\n  route: {{ cluster: c, retry_policy: {{ {yaml} }} }}").Match(Routes.Request("/"))!.Forward!.Policies.Retry;

    private static RetryConditions Begin(string yaml, params (string Name, string Value)[] headers)
    {
        var conditions = new RetryConditions();
        conditions.Begin(Policy(yaml), Routes.Request("/", headers: headers));
        return conditions;
    }

    private static HeaderMap Response(int status, string header = "")
    {
        var map = new HeaderMap();
        map.Set(KnownHeader.Status, status);
        if (header.Split(": ") is [var name, var value])
            map.Add(new HeaderName(name), Encoding.UTF8.GetBytes(value));
        return map;
    }
}
