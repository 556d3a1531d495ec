using System.Text;
using Google.Api.Expr.V1Alpha1;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Expressions;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Formatting;
using CelMessage = Xds.Type.V3.CelExpression;

namespace Weft.Proxy.Tests.Expressions;

public sealed class CelAttributeTests
{
    private readonly FinishedRequest _request = new();

    public CelAttributeTests()
    {
        _request.Request.Add(new HeaderName("x-many"), "a"u8);
        _request.Request.Add(new HeaderName("x-many"), "b"u8);
        _request.Request.Add(new HeaderName("referer"), "http://r/"u8);
        _request.Trailers.Add(new HeaderName("grpc-status"), "7"u8);
        _request.Info.UpstreamEndpoint!.LocalityMetadata = new Envoy.Config.Core.V3.Metadata { FilterMetadata = { ["place"] = new Struct { Fields = { ["rack"] = Value.ForString("r7") } } } };
        _request.Info.DynamicMetadata.Set("ns", "text", "v"u8);
        _request.Info.DynamicMetadata.Set("ns", "number", 4.5);
        _request.Info.DynamicMetadata.Set("ns", "tree", Value.ForStruct(new Struct { Fields = { ["list"] = Value.ForList(Value.ForBool(true), Value.ForString("two")) } }));
    }

    [Theory]
    [InlineData("request.path", "/rewritten?a=1&name=J%C3%BCrgen&b")]
    [InlineData("request.url_path", "/rewritten")]
    [InlineData("request.query", "a=1&name=J%C3%BCrgen&b")]
    [InlineData("request.host + ' ' + request.method + ' ' + request.useragent", "www.example.com GET curl/8.0")]
    [InlineData("request.scheme", null)]
    [InlineData("has(request.scheme)", "false")]
    [InlineData("has(request.id) && has(request.headers)", "true")]
    [InlineData("request.referer", "http://r/")]
    [InlineData("request.headers['x-many']", "a,b")]
    [InlineData("request.headers['X-MANY']", "a,b")]
    [InlineData("request.headers[':authority']", "www.example.com")]
    [InlineData("request.headers['x-none'] == '1'", null)]
    [InlineData("request.headers['x-none'] == '1' || request.method == 'GET'", "true")]
    [InlineData("'x-many' in request.headers && !('x-none' in request.headers)", "true")]
    [InlineData("request.headers.exists(name, name.startsWith('x-m') && request.headers[name] == 'a,b')", "true")]
    [InlineData("request[('me' + 'thod')]", "GET")]
    [InlineData("request.protocol", "HTTP/1.1")]
    [InlineData("request.size", "11")]
    [InlineData("request.total_size > 11", "true")]
    [InlineData("request.time", "2018-04-03T23:06:09.123456+00:00")]
    [InlineData("request.duration", "25.999ms")]
    [InlineData("request.duration > duration('25ms')", "true")]
    [InlineData("response.code", "200")]
    [InlineData("response.code >= 200 && response.code < 300", "true")]
    [InlineData("response.code_details", "via upstream")]
    [InlineData("response.flags", "0")]
    [InlineData("response.grpc_status", "7")]
    [InlineData("response.headers['x-envoy-upstream-service-time']", "7")]
    [InlineData("response.trailers['grpc-status']", "7")]
    [InlineData("response.size", "512")]
    [InlineData("response.backend_latency", "8ms")]
    [InlineData("source.address", "10.0.0.9:4321")]
    [InlineData("source.port + destination.port", "4401")]
    [InlineData("destination.address", "[::1]:80")]
    [InlineData("connection.id == 5u", "true")]
    [InlineData("connection.mtls", "false")]
    [InlineData("connection.requested_server_name", "")]
    [InlineData("connection.subject_peer_certificate", null)]
    [InlineData("upstream.address", "172.31.1.2:8080")]
    [InlineData("upstream.port", "8080")]
    [InlineData("upstream.local_address", "/tmp/x.sock")]
    [InlineData("upstream.request_attempt_count", "2")]
    [InlineData("upstream.num_endpoints", "0")]
    [InlineData("upstream.locality.region == '' && !has(upstream.locality.zone)", "true")]
    [InlineData("metadata.filter_metadata['ns']['text']", "v")]
    [InlineData("metadata.filter_metadata.ns.number > 4.0", "true")]
    [InlineData("metadata.filter_metadata.ns.tree.list[1]", "two")]
    [InlineData("metadata.filter_metadata['n' + 's']['te' + 'xt']", "v")]
    [InlineData("metadata.filter_metadata.ns.none", null)]
    [InlineData("has(metadata.filter_metadata.ns.text) && !has(metadata.filter_metadata.ns.none)", "true")]
    [InlineData("xds.cluster_name", "web|80")]
    [InlineData("xds.route_name + xds.virtual_host_name", "bluevh")]
    [InlineData("xds.cluster_metadata.filter_metadata['envoy.lb'].version", "1.2")]
    [InlineData("xds.upstream_host_metadata.filter_metadata['envoy.lb'].nested.b[2]", "x")]
    [InlineData("xds.upstream_host_locality_metadata.filter_metadata.place.rack", "r7")]
    [InlineData("upstream.cx_pool_ready_duration", "2.5ms")]
    [InlineData("xds.route_metadata.filter_metadata['envoy.lb'].version + xds.virtual_host_metadata.filter_metadata['envoy.lb'].version", "1.21.2")]
    [InlineData("xds.listener_direction == 1 && has(xds.listener_metadata.filter_metadata)", "true")]
    [InlineData("xds.listener_metadata.typed_filter_metadata.size()", "0")]
    public void An_attribute_has_its_value(string expression, string? expected) => Assert.Equal(expected, Print(expression, _request.Context));

    [Theory]
    [InlineData("request.path", null)]
    [InlineData("request.headers['x']", null)]
    [InlineData("response.code", null)]
    [InlineData("source.port == 4321 && connection.requested_server_name == 'a.example'", "true")]
    [InlineData("filter_state['envoy.tcp_proxy.cluster'] == b'tcp'", "true")]
    [InlineData("upstream.address", null)]
    public void A_connection_has_no_request(string expression, string? expected)
    {
        var info = new StreamInfo
        {
            DownstreamRemoteAddress = _request.Info.DownstreamRemoteAddress,
            RequestedServerName = "a.example",
            TcpProxyCluster = "tcp",
        };
        Assert.Equal(expected, Print(expression, new FormatContext(info)));
    }

    [Fact]
    public void A_condition_is_true_or_not()
    {
        Assert.True(Compile("response.code == 200").IsTrue(_request.Context));
        Assert.False(Compile("response.code").IsTrue(_request.Context));
        Assert.False(Compile("request.headers['x-none'] == ''").IsTrue(_request.Context));
    }

    [Fact]
    public void What_a_control_plane_has_parsed_means_the_same()
    {
        // request.headers["x-many"] == "a,b", as messages.
        var parsed = new ParsedExpr
        {
            Expr = new Expr
            {
                CallExpr = new Expr.Types.Call
                {
                    Function = "_==_",
                    Args =
                    {
                        new Expr
                        {
                            CallExpr = new Expr.Types.Call
                            {
                                Function = "_[_]",
                                Args =
                                {
                                    new Expr { SelectExpr = new Expr.Types.Select { Field = "headers", Operand = new Expr { IdentExpr = new Expr.Types.Ident { Name = "request" } } } },
                                    new Expr { ConstExpr = new Constant { StringValue = "x-many" } },
                                },
                            },
                        },
                        new Expr { ConstExpr = new Constant { StringValue = "a,b" } },
                    },
                },
            },
        };
        var context = new ConfigContext();
        Assert.True(CelExpression.Create(new CelMessage { ParsedExpr = parsed }, context)!.IsTrue(_request.Context));
        Assert.True(CelExpression.Create(new CelMessage { CheckedExpr = new CheckedExpr { Expr = parsed.Expr } }, context)!.IsTrue(_request.Context));
        Assert.Null(CelExpression.Create(new CelMessage(), context));
        Assert.True(context.Findings.HasErrors);
    }

    public static TheoryData<Expr> Broken =>
    [
        new Expr(),
        new Expr { SelectExpr = new Expr.Types.Select { Field = "a" } },
        new Expr { SelectExpr = new Expr.Types.Select { Field = "a", TestOnly = true } },
        new Expr { ComprehensionExpr = new Expr.Types.Comprehension() },
        new Expr { StructExpr = new Expr.Types.CreateStruct { Entries = { new Expr.Types.CreateStruct.Types.Entry() } } },
        new Expr { CallExpr = new Expr.Types.Call { Function = "_&&_", Args = { new Expr(), new Expr() } } },
        new Expr { CallExpr = new Expr.Types.Call { Function = "matches" } },
    ];

    [Theory]
    [MemberData(nameof(Broken), DisableDiscoveryEnumeration = true)]
    public void A_parsed_expression_with_parts_left_out_is_refused(Expr expression)
    {
        var context = new ConfigContext();
        Assert.Null(CelExpression.Create(expression, context, expression, ""));
        Assert.True(context.Findings.HasErrors);
    }

    [Fact]
    public void Reading_attributes_allocates_nothing()
    {
        var expression = Compile(
            "request.headers['x-many'] == 'a,b' && request.url_path.startsWith('/re') && response.code in [200, 201] && request.path.matches('na+me')"
            + " && metadata.filter_metadata.ns.text == 'v' && source.address.endsWith('4321') && (response.flags == 0 || request.method == 'PUT')");
        Assert.True(expression.IsTrue(_request.Context));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            expression.IsTrue(_request.Context);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static CelExpression Compile(string expression)
    {
        var result = CelExpression.Parse(expression, out var error);
        Assert.True(result is not null, error);
        return result;
    }

    private static string? Print(string expression, in FormatContext context)
    {
        var output = new ByteWriter();
        return Compile(expression).TryWrite(context, output) ? Encoding.UTF8.GetString(output.Written) : null;
    }
}
