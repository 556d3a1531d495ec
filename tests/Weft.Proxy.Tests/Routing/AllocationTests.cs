using Weft.Proxy.Routing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Routing;

public class AllocationTests
{
    [Fact]
    public void Matching_rewriting_and_mutating_allocate_nothing()
    {
        var table = Routes.Table("""
            request_headers_to_add: [{ header: { key: x-a, value: b }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }]
            virtual_hosts:
            - name: v
              domains: ["*.example.com", other.com]
              routes:
              - { match: { safe_regex: { regex: '/a/[0-9]+/.*x' } }, route: { cluster: c } }
              - { match: { prefix: /, headers: [{ name: x, string_match: { exact: 'a,b' } }, { name: other, string_match: { safe_regex: { regex: 'a.+' } } }] }, route: { cluster: c } }
              - { match: { prefix: /, query_parameters: [{ name: q, string_match: { exact: x } }] }, route: { cluster: c } }
              - { match: { prefix: /api, runtime_fraction: { default_value: { numerator: 100 }, runtime_key: k } }, route: { cluster_header: x-cluster, prefix_rewrite: /v2, host_rewrite_literal: h } }
              - { match: { prefix: / }, route: { cluster: known } }
            """);
        var request = Routes.Request("/api/users?q=1", "www.Example.com", headers: [("x", "a"), ("x", "c"), ("x-cluster", "known")]);
        var info = new StreamInfo();
        var runtime = Routes.Runtime(("k", "100"));
        var received = request;
        request = new Weft.Http.HeaderMap();
        Assert.Equal("known", table.NameFor(received, 0, runtime));
        Assert.Equal(0, Allocations.Of(() =>
        {
            request.CopyFrom(received);
            var routeRequest = new RouteRequest(request, info, runtime);
            var route = table.Match(routeRequest)!;
            route.Forward!.SelectCluster(routeRequest);
            route.RequestHeaders.Apply(request, Routes.Format(request, info));
            route.Forward.Rewrite(request, Routes.Format(request, info));
        }));
    }

    [Fact]
    public void Redirecting_allocates_nothing()
    {
        var redirect = Routes.OfRoutes("- { match: { prefix: /a }, redirect: { https_redirect: true, prefix_rewrite: /b } }").Match(Routes.Request("/a"))!.Redirect!;
        var request = Routes.Request("/a/b?c", "host:80");
        var output = new Weft.Base.Buffers.ByteWriter();
        Assert.Equal(0, Allocations.Of(() =>
        {
            output.Clear();
            redirect.WriteLocation(request, output);
        }));
    }
}
