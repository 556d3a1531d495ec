using System.Text;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.NetworkFilters.HttpConnectionManager.LocalReplies;

public class LocalReplyConfigTests
{
    private const string Mappers = """
        local_reply_config:
          mappers:
          - filter: { status_code_filter: { comparison: { op: EQ, value: { default_value: 400, runtime_key: a } } } }
            status_code: 401
            body: { inline_string: mapped }
            headers_to_add: [{ header: { key: x-mapped, value: 'yes' }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }]
          - filter: { status_code_filter: { comparison: { op: EQ, value: { default_value: 410, runtime_key: b } } } }
            body_format_override: { text_format: '%LOCAL_REPLY_BODY% %RESPONSE_CODE%' }
          - filter: { status_code_filter: { comparison: { op: EQ, value: { default_value: 420, runtime_key: c } } } }
            status_code: 200
            body: { inline_string: <b> }
            headers_to_add: [{ header: { key: content-type, value: text/html }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }]
          body_format: { json_format: { code: '%RESPONSE_CODE%', text: '%LOCAL_REPLY_BODY%', path: '%REQ(:path)%' }, content_type: application/problem+json }
        """;

    [Fact]
    public void Without_configuration_the_answer_is_plain_text()
    {
        var reply = Reply("via: ''", 503, "no healthy upstream");
        Assert.Equal("503", reply.Headers.Get(":status"));
        Assert.Equal("no healthy upstream", reply.Body);
        Assert.Equal("19", reply.Headers.Get("content-length"));
        Assert.Equal("text/plain", reply.Headers.Get("content-type"));
        Assert.Equal(503, reply.Info.ResponseCode);
    }

    [Fact]
    public void An_empty_answer_has_no_type()
    {
        var reply = Reply("via: ''", 404, "", ("content-type", "text/css"));
        Assert.False(reply.Headers.Has(KnownHeader.ContentType) || reply.Headers.Has(KnownHeader.ContentLength));
    }

    [Fact]
    public void A_type_that_is_there_stays_with_its_body()
        => Assert.Equal("text/html", Reply("via: ''", 200, "<b>", ("content-type", "text/html")).Headers.Get("content-type"));

    [Fact]
    public void A_mapper_changes_status_body_and_headers()
    {
        var reply = Reply(Mappers, 400, "original", ("x-mapped", "no"));
        Assert.Equal("401", reply.Headers.Get(":status"));
        Assert.Equal(401, reply.Info.ResponseCode);
        Assert.Equal(["yes"], reply.Headers.All("x-mapped"));
        Assert.Equal("{\"code\":401,\"path\":\"/p\",\"text\":\"mapped\"}", reply.Body.TrimEnd());
        Assert.Equal("application/problem+json", reply.Headers.Get("content-type"));
        Assert.Equal($"{reply.Body.Length}", reply.Headers.Get("content-length"));
    }

    [Fact]
    public void A_mapper_may_have_a_format_of_its_own()
    {
        var reply = Reply(Mappers, 410, "gone");
        Assert.Equal("gone 410", reply.Body);
        Assert.Equal("text/plain", reply.Headers.Get("content-type"));
    }

    [Fact]
    public void A_type_among_a_mapper_s_headers_wins()
        => Assert.Equal(["text/html"], Reply(Mappers, 420, "x").Headers.All("content-type"));

    [Fact]
    public void What_no_mapper_wants_gets_the_common_format()
        => Assert.Equal("{\"code\":500,\"path\":\"/p\",\"text\":\"oops\"}", Reply(Mappers, 500, "oops").Body.TrimEnd());

    [Theory]
    [InlineData(400, "13")]
    [InlineData(401, "16")]
    [InlineData(403, "7")]
    [InlineData(404, "12")]
    [InlineData(429, "14")]
    [InlineData(503, "14")]
    [InlineData(504, "14")]
    [InlineData(500, "2")]
    public void A_gRPC_client_is_answered_in_headers(int status, string grpcStatus)
    {
        var reply = Reply("via: ''", status, "50% of é\n", grpc: true);
        Assert.Equal("200", reply.Headers.Get(":status"));
        Assert.Equal("application/grpc", reply.Headers.Get("content-type"));
        Assert.Equal(grpcStatus, reply.Headers.Get("grpc-status"));
        Assert.Equal("50%25 of %C3%A9", reply.Headers.Get("grpc-message"));
        Assert.False(reply.Headers.Has(KnownHeader.ContentLength));
        Assert.Equal("", reply.Body);
        Assert.Equal(status, reply.Info.ResponseCode);
    }

    [Fact]
    public void Answering_allocates_nothing()
    {
        var config = Create(Mappers);
        var (headers, info, writer, request) = (new HeaderMap(), new StreamInfo(), new ByteWriter(), Routes.Request("/p"));
        Assert.Equal(0, Allocations.Of(() =>
        {
            headers.Clear();
            config.Write(400, "x"u8, new FormatContext(info, request), headers, writer, out _);
        }));
    }

    private static LocalReplyConfig Create(string yaml)
    {
        var context = new ConfigContext();
        var source = ConfigReader.ReadText<Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager>(
            $"stat_prefix: s\nroute_config: {{}}\n{yaml}", "t.yaml", new ReadOptions(), context);
        var config = LocalReplyConfig.Create(source.LocalReplyConfig, Routes.Context(context));
        Assert.Empty(context.Findings.Errors);
        return config;
    }

    private static (HeaderMap Headers, string Body, StreamInfo Info) Reply(string yaml, int status, string body, params (string, string)[] headers)
        => Reply(yaml, status, body, grpc: false, headers);

    private static (HeaderMap Headers, string Body, StreamInfo Info) Reply(string yaml, int status, string body, bool grpc, params (string Name, string Value)[] headers)
    {
        var map = new HeaderMap();
        foreach (var (name, value) in headers) Routes.Add(map, name, value);
        var (info, writer) = (new StreamInfo(), new ByteWriter());
        var request = grpc ? Routes.Request("/p", headers: ("content-type", "application/grpc")) : Routes.Request("/p");
        Create(yaml).Write(status, Encoding.UTF8.GetBytes(body), new FormatContext(info, request), map, writer, out var finalBody);
        return (map, Encoding.UTF8.GetString(finalBody), info);
    }
}
