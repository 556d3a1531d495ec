using System.Text;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Formatting;

public sealed class SubstitutionFormatTests
{
    private readonly ConfigContext _context = new();
    private readonly FinishedRequest _request = new();

    [Theory]
    [InlineData("plain 100%% text", "plain 100% text")]
    [InlineData("%REQ(:METHOD)% %REQ(USER-AGENT)%", "GET curl/8.0")]
    [InlineData("%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%", "/original?a=1")]
    [InlineData("%REQ(X-MISSING?:AUTHORITY)%", "www.example.com")]
    [InlineData("%REQ(X-MISSING?X-GONE)%", "-")]
    [InlineData("[%REQ(X-EMPTY?:AUTHORITY)%]", "[]")]
    [InlineData("%REQ(USER-AGENT):4%|%REQ(USER-AGENT):400%", "curl|curl/8.0")]
    [InlineData("%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%", "7")]
    [InlineData("%TRAILER(grpc-status)%", "-")]
    [InlineData("%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%", "/original")]
    [InlineData("%PATH%|%PATH(NQ)%|%PATH(WQ:PATH)%|%PATH(NQ:ORIG)%|%PATH(NQ:PATH):3%", "/original?a=1|/original|/rewritten?a=1&name=J%C3%BCrgen&b|/original|/re")]
    [InlineData("%QUERY_PARAM(a)%|%QUERY_PARAM(name)%|%QUERY_PARAM(name):1%|%QUERY_PARAM(b)%|%QUERY_PARAM(c)%", "1|Jürgen|J||-")]
    [InlineData("%START_TIME%", "2018-04-03T23:06:09.123Z")]
    [InlineData("%START_TIME(%Y/%m/%dT%H:%M:%S%z %s)%", "2018/04/03T23:06:09+0000 1522796769")]
    [InlineData("%PROTOCOL% %UPSTREAM_PROTOCOL%", "HTTP/1.1 HTTP/2")]
    [InlineData("%RESPONSE_CODE% %RESPONSE_CODE_DETAILS%|%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%", "200 via_upstream|via upstream")]
    [InlineData("%RESPONSE_FLAGS%|%RESPONSE_FLAGS_LONG%", "-|-")]
    [InlineData("%BYTES_RECEIVED% %BYTES_SENT%", "11 512")]
    [InlineData("%DOWNSTREAM_HEADER_BYTES_RECEIVED% %DOWNSTREAM_HEADER_BYTES_SENT% %DOWNSTREAM_WIRE_BYTES_RECEIVED% %DOWNSTREAM_WIRE_BYTES_SENT%", "100 60 111 572")]
    [InlineData("%DURATION% %REQUEST_DURATION% %REQUEST_TX_DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION%", "25 2 4 10 5")]
    [InlineData("%COMMON_DURATION(DS_RX_BEG:US_TX_END)% %COMMON_DURATION(DS_RX_BEG:US_TX_END:us)% %COMMON_DURATION(US_RX_BEG:US_RX_END:ns)% %COMMON_DURATION(DS_TX_END:DS_RX_BEG:ms)% %COMMON_DURATION(US_CX_BEG:US_CX_END)% %COMMON_DURATION(US_CX_END:US_HS_END)%", "4 4500 1000000 - 1 2")]
    [InlineData("%DOWNSTREAM_HANDSHAKE_DURATION% %UPSTREAM_CONNECTION_POOL_READY_DURATION%", "4 2")]
    [InlineData("%UPSTREAM_HEADER_BYTES_SENT% %UPSTREAM_HEADER_BYTES_RECEIVED% %UPSTREAM_WIRE_BYTES_SENT% %UPSTREAM_WIRE_BYTES_RECEIVED% %UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT% %DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED%", "120 50 131 750 120 100")]
    [InlineData("%BYTES_RETRANSMITTED% %PACKETS_RETRANSMITTED% %ROUNDTRIP_DURATION% %CUSTOM_FLAGS%", "0 0 - -")]
    [InlineData("%METADATA(ROUTE:envoy.lb:version)% %METADATA(VIRTUAL_HOST:envoy.lb:version)% %METADATA(LISTENER:envoy.lb:version)% %METADATA(LISTENER_FILTER_CHAIN:envoy.lb:nested:a)%", "1.2 1.2 1.2 1.5")]
    [InlineData("%UPSTREAM_HOST% %UPSTREAM_CLUSTER% %UPSTREAM_CLUSTER_RAW%", "172.31.1.2:8080 web web|80")]
    [InlineData("%UPSTREAM_HOST_NAME% %UPSTREAM_HOST_NAME_WITHOUT_PORT%", "172.31.1.2:8080 172.31.1.2")]
    [InlineData("%UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %UPSTREAM_REMOTE_PORT%", "172.31.1.2:8080 172.31.1.2 8080")]
    [InlineData("%UPSTREAM_LOCAL_ADDRESS% %UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %UPSTREAM_LOCAL_PORT%", "/tmp/x.sock /tmp/x.sock -")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT%", "10.0.0.9:4321 10.0.0.9 4321")]
    [InlineData("%DOWNSTREAM_DIRECT_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_DIRECT_REMOTE_PORT%", "10.0.0.8:999 10.0.0.8 999")]
    [InlineData("%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_PORT%", "[::1]:80 ::1 80")]
    [InlineData("%ROUTE_NAME% %VIRTUAL_HOST_NAME% %FILTER_CHAIN_NAME%", "blue vh -")]
    [InlineData("%CONNECTION_ID% %UPSTREAM_CONNECTION_ID% %UPSTREAM_REQUEST_ATTEMPT_COUNT%", "5 6 2")]
    [InlineData("%STREAM_ID%", "0123abcd-0000-9000-8000-000000000001")]
    [InlineData("%ACCESS_LOG_TYPE% %LOCAL_REPLY_BODY%", "DownstreamEnd no route")]
    [InlineData("%ENVIRONMENT(NO_SUCH_VARIABLE_HERE)%", "-")]
    [InlineData("%UPSTREAM_METADATA(envoy.lb:version)% %CLUSTER_METADATA(envoy.lb:nested)% %METADATA(CLUSTER:envoy.lb:nested:a)% %METADATA(UPSTREAM_HOST:envoy.lb:version):1% %CLUSTER_METADATA(envoy.lb:none)% %CLUSTER_METADATA(other)%", "1.2 {\"a\":1.5,\"b\":[1,null,\"x\"]} 1.5 1 - -")]
    [InlineData("%DYNAMIC_METADATA(a:b)% %REQUESTED_SERVER_NAME% %DOWNSTREAM_TLS_VERSION% %METADATA(ROUTE:x:y)%", "- - - -")]
    [InlineData("%GRPC_STATUS%", "-")]
    [InlineData("%CEL(response.code)%|%CEL(request.headers['user-agent']):4%|%CEL(connection.mtls)%|%CEL(request.headers['x-none'])%", "200|curl|false|-")]
    [InlineData("%TYPED_CEL(size(request.method) > 2 ? 'a (b)' : \"\")%", "a (b)")]
    public void An_operator_prints_its_value(string format, string expected) => Assert.Equal(expected, Format(format));

    [Theory]
    [InlineData("a-b_c.example", "a-b_c.example")]
    [InlineData("a\" 200\nb", "invalid:a__200_b")]
    public void What_a_client_asks_for_in_its_hello_stays_one_word(string name, string expected)
    {
        _request.Info.RequestedServerName = name;
        Assert.Equal(expected, Format("%REQUESTED_SERVER_NAME%"));
    }

    [Theory]
    [InlineData("By=a;URI=spiffe://one,By=b;URI=spiffe://two;Hash=f", "uri", "spiffe://one")]
    [InlineData("By=a;URI=spiffe://one,By=b;Hash=f", "HASH", "f")]
    [InlineData("Subject=\"CN=a,O=\\\"b; c\\\"\";DNS=x", "subject", "CN=a,O=\"b; c\"")]
    [InlineData("Subject=\"CN=a,O=\\\"b; c\\\"\"; dns = x ", "dns", "x")]
    [InlineData("Cert=\"a\\\\\";Chain=\\", "cert", "a\\")]
    [InlineData("Cert=\"a\\\\\";Chain=\\", "chain", "\\")]
    [InlineData("By=;Hash", "by", "")]
    [InlineData("By=;Hash", "hash", "")]
    [InlineData("By=a;Subject=\"CN;URI=spiffe://one", "by", "-")]
    [InlineData("By=a", "uri", "-")]
    [InlineData(null, "uri", "-")]
    public void A_value_of_the_client_certificate_header_is_that_of_its_oldest_element(string? header, string key, string expected)
    {
        if (header is not null)
            _request.Request.Add(new HeaderName("x-forwarded-client-cert"), Encoding.ASCII.GetBytes(header));
        Assert.Equal(expected, Format($"%XFCC_VALUE({key})%"));
    }

    [Fact]
    public void A_value_of_the_client_certificate_header_is_found_in_its_second_line_and_cut()
    {
        _request.Request.Add(new HeaderName("x-forwarded-client-cert"), "By=a"u8);
        _request.Request.Add(new HeaderName("x-forwarded-client-cert"), "URI=spiffe://one"u8);
        Assert.Equal("spiffe", Format("%XFCC_VALUE(uri):6%"));
    }

    [Fact]
    public void A_virtual_host_without_a_route_for_the_request_has_its_name_and_metadata()
    {
        var host = _request.Info.Route!.VirtualHost;
        (_request.Info.Route, _request.Info.HostWithoutRoute) = (null, host);
        Assert.Equal("vh 1.2 - -", Format("%VIRTUAL_HOST_NAME% %METADATA(VIRTUAL_HOST:envoy.lb:version)% %ROUTE_NAME% %METADATA(ROUTE:envoy.lb:version)%"));
        Assert.Equal("vh 1.2 -", Format("%CEL(xds.virtual_host_name)% %CEL(xds.virtual_host_metadata.filter_metadata['envoy.lb'].version)% %CEL(xds.route_name)%"));
    }

    [Fact]
    public void The_default_line_is_Envoys()
    {
        var format = SubstitutionFormat.Parse(SubstitutionFormat.DefaultText, _context, new Struct(), "format");
        Assert.Equal(
            "[2018-04-03T23:06:09.123Z] \"GET /original?a=1 HTTP/1.1\" 200 - 11 512 25 7 \"-\" \"curl/8.0\" \"0123abcd-0000-9000-8000-000000000001\" \"www.example.com\" \"172.31.1.2:8080\"\n",
            Run(format));
    }

    [Fact]
    public void The_default_line_of_a_TCP_connection_has_dashes_for_what_it_lacks()
    {
        var format = SubstitutionFormat.Parse(SubstitutionFormat.DefaultText, _context, new Struct(), "format");
        var output = new ByteWriter();
        var info = new StreamInfo { StartTime = DateTime.UnixEpoch, StartUs = 1, EndUs = 2001, BytesReceived = 3, BytesSent = 4 };
        format.Format(new FormatContext(info), output);
        Assert.Equal("[1970-01-01T00:00:00.000Z] \"- - -\" 0 - 3 4 2 - \"-\" \"-\" \"-\" \"-\" \"-\"\n", Encoding.UTF8.GetString(output.Written));
    }

    [Fact]
    public void Nothing_is_allocated_per_line()
    {
        var format = SubstitutionFormat.Parse(SubstitutionFormat.DefaultText + "%START_TIME(%b %d %3f)% %UNIQUE_ID% %RESPONSE_FLAGS_LONG% %QUERY_PARAM(name)% %UPSTREAM_TRANSPORT_FAILURE_REASON%", _context, new Struct(), "format");
        var json = Json("""{"a":"%REQ(X)%","b":"%DURATION%","c":{"d":["%PROTOCOL% %REQ(USER-AGENT)%","\"quoted\" %LOCAL_REPLY_BODY%"]},"e":"%UPSTREAM_HOST%","f":"%METADATA(ROUTE:envoy.lb:version)%","g":"%METADATA(VIRTUAL_HOST:envoy.lb:canary)%","h":"%XFCC_VALUE(uri)%"}""");
        _request.Info.ResponseFlags = ResponseFlags.NoRouteFound | ResponseFlags.DelayInjected;
        _request.Request.Add(new HeaderName("x-forwarded-client-cert"), "By=a;URI=spiffe://one"u8);
        _request.Info.UpstreamTransportFailureReason = "delayed connect error: 111";
        var output = new ByteWriter(4096);
        format.Format(_request.Context, output);
        json.Format(_request.Context, output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            output.Clear();
            format.Format(_request.Context, output);
            json.Format(_request.Context, output);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(ResponseFlags.NoRouteFound, "NR", "NoRouteFound")]
    [InlineData(ResponseFlags.FailedLocalHealthCheck | ResponseFlags.UpstreamConnectionFailure | ResponseFlags.UnconditionalDropOverload, "LH,UF,UDO", "FailedLocalHealthCheck,UpstreamConnectionFailure,UnconditionalDropOverload")]
    [InlineData(ResponseFlags.OverloadManager | ResponseFlags.UpstreamRetryLimitExceeded, "URX,OM", "UpstreamRetryLimitExceeded,OverloadManagerTerminated")]
    public void Response_flags_have_short_and_long_names(ResponseFlags flags, string shortNames, string longNames)
    {
        _request.Info.ResponseFlags = flags;
        Assert.Equal(shortNames + "|" + longNames, Format("%RESPONSE_FLAGS%|%RESPONSE_FLAGS_LONG%"));
    }

    [Fact]
    public void Every_flag_has_its_place_in_the_table()
    {
        foreach (var (flag, index) in System.Enum.GetValues<ResponseFlags>().Where(flag => flag != ResponseFlags.None).Select((flag, index) => (flag, index)))
        {
            Assert.Equal(1UL << index, (ulong)flag);
            Assert.Equal(flag, ResponseFlagNames.Find(ResponseFlagNames.ShortNames.ElementAt(index)));
        }
    }

    [Theory]
    [InlineData("application/grpc", "5", null, 200, "NotFound|NOT_FOUND|5")]
    [InlineData("application/grpc+proto", null, "14", 200, "Unavailable|UNAVAILABLE|14")]
    [InlineData("application/grpc", null, null, 404, "Unimplemented|UNIMPLEMENTED|12")]
    [InlineData("application/grpc", "99", null, 200, "99|99|99")]
    [InlineData("application/grpc-web", "0", null, 200, "-|-|-")]
    [InlineData("application/json", "0", null, 200, "-|-|-")]
    public void A_gRPC_status_comes_from_trailers_head_or_HTTP_status(string contentType, string? trailer, string? header, int status, string expected)
    {
        _request.Request.Add(new HeaderName("content-type"), Encoding.ASCII.GetBytes(contentType));
        if (trailer is not null)
            _request.Trailers.Add(new HeaderName("grpc-status"), Encoding.ASCII.GetBytes(trailer));
        if (header is not null)
            _request.Response.Add(new HeaderName("grpc-status"), Encoding.ASCII.GetBytes(header));
        _request.Info.ResponseCode = status;
        Assert.Equal(expected, Format("%GRPC_STATUS%|%GRPC_STATUS(SNAKE_STRING)%|%GRPC_STATUS_NUMBER%"));
    }

    [Fact]
    public void Each_unique_id_is_another_version_4_uuid()
    {
        var ids = Format("%UNIQUE_ID% %UNIQUE_ID%").Split(' ');
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id));
        Assert.NotEqual(ids[0], ids[1]);
    }

    [Theory]
    [InlineData("%NO_SUCH_THING%", "Not supported field in StreamInfo: NO_SUCH_THING; the operators are ACCESS_LOG_TYPE, BYTES_RECEIVED,")]
    [InlineData("100% sure", "Incorrect configuration: 100% sure. Couldn't find valid command at position 3")]
    [InlineData("%REQ(A)", "Incorrect configuration: %REQ(A). Couldn't find valid command at position 0")]
    [InlineData("%REQ%", "REQ requires parameters")]
    [InlineData("%REQ(A?B?C)%", "More than 1 alternative header specified in token: A?B?C")]
    [InlineData("%REQ(A B)%", "Invalid header configuration. Format string contains invalid characters.")]
    [InlineData("%PROTOCOL(x)%", "PROTOCOL does not take any parameters or length")]
    [InlineData("%DURATION:3%", "DURATION does not take any parameters or length")]
    [InlineData("%START_TIME:3%", "START_TIME does not allow length to be specified.")]
    [InlineData("%START_TIME(%n)%", "Invalid header configuration. Format string contains newline.")]
    [InlineData("%START_TIME(%Q)%", "unknown time specifier '%Q'")]
    [InlineData("%PATH(XX)%", "Invalid PATH option: 'XX', only 'WQ'/'NQ' are allowed")]
    [InlineData("%PATH(WQ:X)%", "Invalid PATH option: 'X', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed")]
    [InlineData("%GRPC_STATUS(X)%", "GrpcStatusFormatter only supports CAMEL_STRING, SNAKE_STRING or NUMBER.")]
    [InlineData("%COMMON_DURATION(A)%", "Invalid common duration configuration: A.")]
    [InlineData("%COMMON_DURATION(DS_RX_BEG:DS_RX_END:h)%", "Invalid common duration precision: h.")]
    [InlineData("%COMMON_DURATION(DS_RX_BEG:NEVER)%", "unknown time point in COMMON_DURATION(DS_RX_BEG:NEVER); there are DS_RX_BEG,")]
    [InlineData("%FILTER_STATE(:PLAIN)%", "Invalid filter state configuration, key cannot be empty.")]
    [InlineData("%FILTER_STATE(a:JSON)%", "Invalid filter state serialize type, only support PLAIN/TYPED/FIELD.")]
    [InlineData("%FILTER_STATE(a:FIELD)%", "Invalid filter state serialize type, FIELD should be used with the field name.")]
    [InlineData("%UPSTREAM_FILTER_STATE(a:PLAIN:b)%", "Invalid filter state serialize type, FIELD should be used with the field name.")]
    [InlineData("%XFCC_VALUE%", "XFCC_VALUE command requires a subcommand")]
    [InlineData("%XFCC_VALUE(Nothing)%", "XFCC_VALUE command does not support subcommand: nothing")]
    [InlineData("%METADATA(CLOUD:a:b)%", "CLOUD is not supported type of metadata")]
    public void A_faulty_format_is_reported_and_prints_a_dash(string format, string error)
    {
        var parsed = SubstitutionFormat.Parse(format, _context, new Struct(), "text_format");
        Assert.StartsWith(error, Assert.Single(_context.Findings.Errors).Text, StringComparison.Ordinal);
        Assert.Equal("-", Run(parsed));
    }

    [Theory]
    [InlineData("%FILTER_STATE(to:PLAIN)%", "10.1.2.3:80")]
    [InlineData("%FILTER_STATE(to:FIELD:ip)%", "10.1.2.3")]
    [InlineData("%FILTER_STATE(to:FIELD:port)%", "80")]
    [InlineData("%FILTER_STATE(six:FIELD:ip)%", "2001:db8::1")]
    [InlineData("%FILTER_STATE(six:FIELD:ip):4%", "2001")]
    [InlineData("%FILTER_STATE(to:FIELD:other)%", "-")]
    [InlineData("%FILTER_STATE(text:FIELD:ip)%", "-")]
    [InlineData("%FILTER_STATE(none:FIELD:ip)%", "-")]
    [InlineData("%FILTER_STATE(text)%", "\"a:b\"")]
    [InlineData("%UPSTREAM_FILTER_STATE(to:PLAIN)%", "-")]
    [InlineData("%UPSTREAM_FILTER_STATE(text:PLAIN)%", "a:b")]
    [InlineData("%CEL(upstream_filter_state.text)%", "a:b")]
    [InlineData("%CEL(upstream_filter_state.to)%", "-")]
    public void Filter_state_is_printed_whole_or_a_field_of_it(string format, string expected)
    {
        var state = _request.Info.FilterState;
        state.Set("to", new TextState("10.1.2.3:80"u8.ToArray()) { IsAddress = true });
        state.Set("six", new TextState("[2001:db8::1]:443"u8.ToArray()) { IsAddress = true });
        state.Set("text", new TextState("a:b"u8.ToArray()) { Sharing = StateSharing.Once });
        Assert.Equal(expected, Run(SubstitutionFormat.Parse(format, _context, new Struct(), "text_format")));
        Assert.Empty(_context.Findings.Errors);
    }

    [Fact]
    public void Nothing_is_shared_before_there_is_an_upstream()
    {
        _request.Info.Reset();
        _request.Info.FilterState.Set("text", new TextState("a"u8.ToArray()) { Sharing = StateSharing.Once });
        Assert.Equal("-", Run(SubstitutionFormat.Parse("%UPSTREAM_FILTER_STATE(text:PLAIN)%", _context, new Struct(), "text_format")));
    }

    [Fact]
    public void A_text_without_operators_is_constant()
    {
        Assert.Equal("a%b"u8.ToArray(), SubstitutionFormat.Parse("a%%b", _context, new Struct(), "value").Constant);
        Assert.Equal(""u8.ToArray(), SubstitutionFormat.Parse("", _context, new Struct(), "value").Constant);
        Assert.Null(SubstitutionFormat.Parse("%PROTOCOL%", _context, new Struct(), "value").Constant);
    }

    [Fact]
    public void Empty_values_can_be_left_out()
    {
        var format = SubstitutionFormat.Parse(new Envoy.Config.Core.V3.SubstitutionFormatString { TextFormatSource = new() { InlineString = "[%REQ(X)%]" }, OmitEmptyValues = true }, _context);
        Assert.Equal("[]", Run(format));
        Assert.Equal("text/plain", format.ContentType);
    }

    [Fact]
    public void A_source_that_cannot_be_read_is_reported()
    {
        SubstitutionFormat.Parse(new Envoy.Config.Core.V3.SubstitutionFormatString { TextFormatSource = new() { Filename = "/no/such/file" } }, _context);
        Assert.Contains("/no/such/file", Assert.Single(_context.Findings.Errors).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_keeps_types_and_sorts_keys_and_ends_the_line()
    {
        var json = Json(
            """
            {"protocol":"%PROTOCOL%","duration":"%DURATION%","mixed":"%DURATION%ms %REQ(X)%","none":"%REQ(X)%","code":"%RESPONSE_CODE%",
             "number":2,"flag":true,"text":"plain","percent":"100%%","list":["%BYTES_SENT%",null,"x"],"nested":{"b":"%UPSTREAM_HOST%","a":{}},
             "meta":"%CLUSTER_METADATA(envoy.lb)%","port":"%DOWNSTREAM_REMOTE_PORT%","flags":"%RESPONSE_FLAGS%"}
            """);
        Assert.Equal(
            """{"code":200,"duration":25,"flag":true,"flags":"-","list":[512,null,"x"],"meta":{"canary":true,"nested":{"a":1.5,"b":[1,null,"x"]},"version":"1.2"},"mixed":"25ms -","nested":{"a":{},"b":"172.31.1.2:8080"},"none":null,"number":2,"percent":"100%","port":4321,"protocol":"HTTP/1.1","text":"plain"}""" + "\n",
            Run(json));
        Assert.Equal("application/json", json.ContentType);
    }

    [Fact]
    public void Json_leaves_out_empty_values_when_asked()
    {
        var json = Json("""{"a":"%REQ(X)%","b":"%PROTOCOL%","c":"%REQ(X)% %REQ(X)%","d":["%REQ(X)%",1]}""", omitEmptyValues: true);
        Assert.Equal("""{"b":"HTTP/1.1","c":" ","d":[1]}""" + "\n", Run(json));
    }

    [Fact]
    public void Json_escapes_what_a_client_sends()
    {
        _request.Request.Add(new HeaderName("x-nasty"), "a\"b\\c\t\u001f\u007fÜ"u8);
        _request.Request.Add(new HeaderName("x-broken"), [(byte)'"', 0xff, (byte)'a', 0xce]);
        Assert.Equal(
            "{\"broken\":\"\\u0022\\u00ffa\\u00ce\",\"nasty\":\"a\\\"b\\\\c\\t\\u001f\u007fÜ-\"}\n",
            Run(Json("""{"nasty":"%REQ(X-NASTY)%%REQ(X)%","broken":"%REQ(X-BROKEN)%"}""")));
    }

    [Fact]
    public void Json_has_the_types_of_expressions_when_asked() => Assert.Equal(
        """{"a":"200","b":200,"c":true,"d":["x"],"e":null,"f":"cu"}""" + "\n",
        Run(Json("""{"a":"%CEL(response.code)%","b":"%TYPED_CEL(response.code)%","c":"%TYPED_CEL(response.code == 200)%","d":"%TYPED_CEL(['x'])%","e":"%TYPED_CEL(request.scheme)%","f":"%TYPED_CEL(request.useragent):2%"}""")));

    [Fact]
    public void No_value_of_a_request_breaks_a_line()
    {
        _request.Request.Set(KnownHeader.Path, "/?x=a%0Aforged%20line%0D%7F%09b"u8);
        _request.Info.DynamicMetadata.Set("ns", "key", "one\ntwo"u8);
        var format = SubstitutionFormat.Parse("%QUERY_PARAM(x)%|%DYNAMIC_METADATA(ns:key)%|%CEL(metadata.filter_metadata.ns.key)%\n\tconfigured\n", _context, new Struct(), "text_format");
        var output = new ByteWriter();
        format.FormatLine(_request.Context, output);
        Assert.Equal("a\\x0aforged line\\x0d\\x7f\tb|one\\x0atwo|one\\x0atwo\n\tconfigured\n", Encoding.UTF8.GetString(output.Written));
    }

    [Fact]
    public void A_faulty_operator_in_json_is_reported()
    {
        Assert.Equal("-", Run(Json("""{"a":{"b":["%NOPE%"]}}""")));
        Assert.True(_context.Findings.HasErrors);
    }

    [Fact]
    public void Formatters_that_do_not_exist_are_reported()
    {
        var format = new Envoy.Config.Core.V3.SubstitutionFormatString { TextFormatSource = new() { InlineString = "x" } };
        format.Formatters.Add(new Envoy.Config.Core.V3.TypedExtensionConfig { Name = "my.formatter", TypedConfig = new Any { TypeUrl = "type.googleapis.com/my.Formatter" } });
        format.Formatters.Add(new Envoy.Config.Core.V3.TypedExtensionConfig { Name = "envoy.formatter.metadata", TypedConfig = new Any { TypeUrl = "type.googleapis.com/envoy.extensions.formatter.metadata.v3.Metadata" } });
        SubstitutionFormat.Parse(format, _context);
        Assert.Equal("Formatter not found: my.formatter", Assert.Single(_context.Findings.Errors).Text);
    }

    private string Format(string format)
    {
        var parsed = SubstitutionFormat.Parse(format, _context, new Struct(), "text_format");
        Assert.Empty(_context.Findings.Errors);
        return Run(parsed);
    }

    private SubstitutionFormat Json(string template, bool omitEmptyValues = false) => SubstitutionFormat.Parse(
        new Envoy.Config.Core.V3.SubstitutionFormatString { JsonFormat = Struct.Parser.ParseJson(template), OmitEmptyValues = omitEmptyValues }, _context);

    private string Run(SubstitutionFormat format)
    {
        var output = new ByteWriter();
        format.Format(_request.Context, output);
        return Encoding.UTF8.GetString(output.Written);
    }
}
