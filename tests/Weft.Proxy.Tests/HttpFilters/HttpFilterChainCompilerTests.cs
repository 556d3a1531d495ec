using Weft.Config;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Tests.Routing;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.Tests.HttpFilters;

public sealed class HttpFilterChainCompilerTests
{
    private const string Buffer = "- { name: buffer, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 10 } }";

    private const string Missing = "name: kill, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.kill_request.v3.KillRequest }";

    [Fact]
    public void A_chain_must_not_end_with_another_filter_than_a_terminal_one()
        => Assert.Contains("Error: non-terminal filter named buffer of type buffer is the last filter in a http filter chain.", Filters.Faults(Buffer));

    [Fact]
    public void A_terminal_filter_must_be_the_last()
        => Assert.Contains(
            "Error: terminal filter named envoy.filters.http.router of type envoy.filters.http.router must be the last filter in a http filter chain.",
            Filters.Faults(Filters.Router + "\n" + Buffer + "\n" + Filters.Router));

    [Fact]
    public void The_terminal_filter_cannot_be_disabled()
        => Assert.Contains(
            "Error: the last (terminal) filter (envoy.filters.http.router) in the chain cannot be disabled by default.",
            Filters.Faults("- { name: envoy.filters.http.router, disabled: true, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }"));

    [Fact]
    public void Without_filters_there_is_a_warning_and_every_request_gets_404()
    {
        var context = Routes.Context(new ConfigContext());
        using var stream = new FakeStream(Assert.Single(HttpFilterChainCompiler.Create(new HcmMessage { StatPrefix = "test" }, context)!));
        Assert.Contains("without filters every request gets 404", Assert.Single(context.Config.Findings.All).ToString(), StringComparison.Ordinal);
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/")));
        Assert.Equal((404, "no_http_filters"), (stream.Reply!.Value.Status, stream.Reply.Value.Details));
    }

    [Fact]
    public void A_filter_that_is_not_implemented_is_refused()
        => Assert.NotEmpty(Filters.Faults($"- {{ {Missing} }}\n{Filters.Router}"));

    [Fact]
    public void An_optional_filter_that_is_not_implemented_is_left_out()
    {
        var chain = Filters.Chain($"- {{ {Missing}, is_optional: true }}\n{Filters.Router}");
        Assert.Equal(["envoy.filters.http.router"], chain.Select(filter => filter.Name));
    }
}
