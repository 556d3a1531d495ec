using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Grpc;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;
using static Weft.Proxy.Tests.HttpFilters.Heads;

namespace Weft.Proxy.Tests.HttpFilters.GrpcJsonTranscoder;

public sealed class GrpcJsonTranscoderFilterTests : IDisposable
{
    private static readonly string s_descriptor = Path.Combine(AppContext.BaseDirectory, "HttpFilters", "GrpcJsonTranscoder", "bookstore.pb");

    private static readonly MessageTypes s_types = MessageTypes.Read(File.ReadAllBytes(s_descriptor))!;

    private FakeStream _stream = Stream("");

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void A_get_becomes_a_call_with_what_its_path_and_query_say()
    {
        Assert.Equal(FilterStatus.Continue, Request("GET", "/shelves/7?theme=a%2Fb&filter.author_name=x&filter.inPrint=true&tags=1&tags=2"));
        var headers = _stream.RequestHeaders;
        Assert.Equal("/bookstore.Bookstore/GetShelf", Text(headers, ":path"));
        Assert.Equal("POST", Text(headers, ":method"));
        Assert.Equal("application/grpc", Text(headers, "content-type"));
        Assert.Equal("trailers", Text(headers, "te"));
        Assert.Equal("GET", Text(headers, "x-envoy-original-method"));
        Assert.StartsWith("/shelves/7?", Text(headers, "x-envoy-original-path"), StringComparison.Ordinal);
        Assert.Equal(1, _stream.RouteClears);
        var message = Messages(_stream.RequestBody, "bookstore.GetShelfRequest").Single();
        Assert.StartsWith("""{"shelf":"7","theme":"a/b","filter":{""", message, StringComparison.Ordinal);
        Assert.EndsWith(""","tags":["1","2"]}""", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_goes_into_its_field_and_waits_until_it_is_whole()
    {
        Assert.Equal(FilterStatus.StopAndBuffer, Request("POST", "/shelves?request_id=r", endStream: false));
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.RequestBytes("{\"theme\":"u8));
        Assert.Equal(FilterStatus.Continue, _stream.RequestBytes("\"music\"}"u8, endStream: true));
        Assert.Equal("""{"shelf":{"theme":"music"},"requestId":"r"}""", Messages(_stream.RequestBody, "bookstore.CreateShelfRequest").Single());
    }

    [Fact]
    public void A_variable_of_several_segments_keeps_what_is_reserved()
    {
        Request("GET", "/v2/shelves/1/a%2Fb%20c");
        Assert.Equal("""{"theme":"shelves/1/a%2Fb c"}""", Messages(_stream.RequestBody, "bookstore.GetShelfRequest").Single());
    }

    [Fact]
    public void Elements_of_an_array_become_messages_as_they_come()
    {
        Assert.Equal(FilterStatus.Continue, Request("POST", "/shelves/1/books:bulk", endStream: false));
        _stream.RequestBytes("[{\"title\":\"a\"},{\"ti"u8);
        Assert.Equal(["""{"title":"a"}"""], Messages(_stream.RequestBody, "bookstore.Book"));
        _stream.RequestBytes("tle\":\"b\"}]"u8, endStream: true);
        Assert.Equal(["""{"title":"a"}""", """{"title":"b"}"""], Messages(_stream.RequestBody, "bookstore.Book"));
    }

    [Fact]
    public void A_body_that_is_not_JSON_goes_into_a_message_with_its_content_type()
    {
        Request("PUT", "/files/report", endStream: false, contentType: "text/csv");
        _stream.RequestBytes("1,2\n"u8, endStream: true);
        Assert.Equal("""{"name":"report","file":{"contentType":"text/csv","data":"MSwyCg=="}}""", Messages(_stream.RequestBody, "bookstore.UploadRequest").Single());
    }

    [Fact]
    public void Methods_without_a_rule_are_mapped_where_that_is_asked_for()
    {
        Use("auto_mapping: true");
        Request("POST", "/bookstore.Bookstore/NoRule", endStream: false);
        _stream.RequestBytes("{\"shelf\":1}"u8, endStream: true);
        Assert.Equal("""{"shelf":"1"}""", Messages(_stream.RequestBody, "bookstore.GetShelfRequest").Single());
    }

    [Theory]
    [InlineData("GET", "/nothing", "")]
    [InlineData("POST", "/shelves/7", "")]
    [InlineData("GET", "/shelves/7?no_such=1", "")]
    [InlineData("GET", "/shelves/7?shelf.x=1", "")]
    public void What_no_rule_fits_passes_as_it_is(string method, string path, string config)
    {
        Use(config);
        Assert.Equal(FilterStatus.Continue, Request(method, path));
        Assert.Equal(path, Text(_stream.RequestHeaders, ":path"));
        Assert.Empty(_stream.RequestBody);
    }

    [Theory]
    [InlineData("/nothing", 404, "Could not resolve /nothing to a method.", "early_grpc_json_transcode_failure{NOT_FOUND}")]
    [InlineData("/shelves/7?no_such=1", 400, "Could not find field \"no_such\" in the type \"bookstore.GetShelfRequest\".", "early_grpc_json_transcode_failure{INVALID_ARGUMENT}")]
    public void Or_is_refused_where_that_is_asked_for(string path, int status, string text, string details)
    {
        Use("request_validation_options: { reject_unknown_method: true, reject_unknown_query_parameters: true }");
        Assert.Equal(FilterStatus.Ended, Request("GET", path));
        Assert.Equal((status, text, details), (_stream.Reply!.Value.Status, _stream.Reply.Value.Body, _stream.Reply.Value.Details));
    }

    [Theory]
    [InlineData("ignore_unknown_query_parameters: true", "/shelves/7?no_such=1")]
    [InlineData("ignored_query_parameters: [ key ]", "/shelves/7?key=1")]
    public void Parameters_may_be_ignored(string config, string path)
    {
        Use(config);
        Request("GET", path);
        Assert.Equal("""{"shelf":"7"}""", Messages(_stream.RequestBody, "bookstore.GetShelfRequest").Single());
    }

    [Fact]
    public void Values_that_are_none_are_400()
    {
        Assert.Equal(FilterStatus.Ended, Request("GET", "/shelves/seven"));
        Assert.Equal(400, _stream.Reply!.Value.Status);
        _stream.End();
        Request("POST", "/shelves", endStream: false);
        Assert.Equal(FilterStatus.Ended, _stream.RequestBytes("{\"theme\":}"u8, endStream: true));
        Assert.Equal((400, "grpc_json_transcode_failure{INVALID_ARGUMENT}"), (_stream.Reply!.Value.Status, _stream.Reply.Value.Details));
        Assert.Empty(_stream.RequestBody);
    }

    [Fact]
    public void A_body_beyond_the_limit_is_413()
    {
        Use("max_request_body_size: 10");
        Request("POST", "/shelves", endStream: false);
        Assert.Equal(FilterStatus.Ended, _stream.RequestBytes("{\"theme\":\"longer"u8));
        Assert.Equal(413, _stream.Reply!.Value.Status);
    }

    [Fact]
    public void A_message_comes_back_as_JSON_with_the_status_of_its_call()
    {
        Request("GET", "/shelves/7");
        var head = Head(200, "application/grpc");
        Assert.Equal(FilterStatus.StopAndBuffer, _stream.Response(head, endStream: false));
        _stream.ResponseData(Frame("bookstore.Shelf", """{"id":"7","theme":"music"}"""));
        Assert.Equal(FilterStatus.Continue, _stream.ResponseTrailers(Map(("grpc-status", "0"))));
        Assert.Equal("""{"id":"7","theme":"music"}""", ResponseText);
        Assert.Equal(("200", "application/json", "26", "0"), (Text(head, ":status"), Text(head, "content-type"), Text(head, "content-length"), Text(head, "grpc-status")));
    }

    [Fact]
    public void A_stream_comes_back_as_an_array_as_its_messages_come()
    {
        Request("GET", "/shelves/7/books");
        Assert.Equal(FilterStatus.Continue, _stream.Response(Head(200, "application/grpc"), endStream: false));
        _stream.ResponseData(Frame("bookstore.Book", """{"title":"a"}"""));
        Assert.Equal("""[{"title":"a"}""", ResponseText);
        var second = Frame("bookstore.Book", """{"title":"b"}""");
        _stream.ResponseData(second.AsSpan(0, 4));
        _stream.ResponseData(second.AsSpan(4));
        _stream.ResponseTrailers(Map(("grpc-status", "0")));
        Assert.Equal("""[{"title":"a"},{"title":"b"}]""", ResponseText);
    }

    [Fact]
    public void Or_as_lines()
    {
        Use("print_options: { stream_newline_delimited: true }");
        Request("GET", "/shelves/7/books");
        _stream.Response(Head(200, "application/grpc"), endStream: false);
        _stream.ResponseData([.. Frame("bookstore.Book", """{"title":"a"}"""), .. Frame("bookstore.Book", "{}")]);
        _stream.ResponseTrailers(Map(("grpc-status", "0")));
        Assert.Equal("{\"title\":\"a\"}\n{}\n", ResponseText);
    }

    [Theory]
    [InlineData("5", "404")]
    [InlineData("16", "401")]
    [InlineData("nonsense", "503")]
    public void A_failed_call_is_the_status_of_HTTP_that_it_means(string grpc, string status)
    {
        Request("GET", "/shelves/7");
        var head = Head(200, "application/grpc", ("grpc-status", grpc), ("grpc-message", "gone"));
        _stream.Response(head, endStream: true);
        Assert.Equal((status, "gone", "0"), (Text(head, ":status"), Text(head, "grpc-message"), Text(head, "content-length")));
    }

    [Fact]
    public void A_status_becomes_JSON_where_that_is_asked_for()
    {
        Use("convert_grpc_status: true");
        Request("GET", "/shelves/7");
        var head = Head(200, "application/grpc", ("grpc-status", "5"), ("grpc-message", "no%20shelf"));
        _stream.Response(head, endStream: true);
        Assert.Equal("""{"code":5,"message":"no shelf"}""", ResponseText);
        Assert.Equal(("404", "application/json", "", "31"), (Text(head, ":status"), Text(head, "content-type"), Text(head, "grpc-status"), Text(head, "content-length")));
    }

    [Fact]
    public void A_body_that_is_not_JSON_comes_back_as_it_is()
    {
        Request("PUT", "/files/a");
        var head = Head(200, "application/grpc");
        _stream.Response(head, endStream: false);
        _stream.ResponseData(Frame("google.api.HttpBody", """{"contentType":"text/plain","data":"aGk="}"""));
        _stream.ResponseTrailers(Map(("grpc-status", "0")));
        Assert.Equal(("hi", "text/plain", "2"), (ResponseText, Text(head, "content-type"), Text(head, "content-length")));
    }

    [Fact]
    public void An_answer_that_is_not_gRPC_passes_as_it_is()
    {
        Request("GET", "/shelves/7");
        var head = Head(502, "text/html");
        Assert.Equal(FilterStatus.Continue, _stream.Response(head, endStream: false));
        _stream.ResponseData("<html>"u8, endStream: true);
        Assert.Equal(("<html>", "text/html"), (ResponseText, Text(head, "content-type")));
    }

    [Fact]
    public void A_response_that_is_no_message_is_502()
    {
        Request("GET", "/shelves/7");
        _stream.Response(Head(200, "application/grpc"), endStream: false);
        Assert.Equal(FilterStatus.Ended, _stream.ResponseData([0, 0, 0, 0, 1, 0xFF]));
        Assert.Equal(502, _stream.Reply!.Value.Status);
    }

    [Fact]
    public void Calls_of_gRPC_and_routes_that_disable_it_pass()
    {
        Request("POST", "/bookstore.Bookstore/GetShelf", endStream: false, contentType: "application/grpc");
        Assert.Equal("/bookstore.Bookstore/GetShelf", Text(_stream.RequestHeaders, ":path"));
        _stream.End();
        _stream.Overrides = [Weft.Proxy.HttpFilters.GrpcJsonTranscoder.TranscoderConfig.Create(new() { ProtoDescriptorBin = Google.Protobuf.ByteString.Empty }, Weft.Proxy.Tests.Routing.Routes.Context(new()))!];
        Request("GET", "/shelves/7");
        Assert.Equal("/shelves/7", Text(_stream.RequestHeaders, ":path"));
    }

    [Theory]
    [InlineData("proto_descriptor_bin: bm9uc2Vuc2U=, services: [ a.B ]", "transcoding_filter: Unable to parse proto descriptor")]
    [InlineData("proto_descriptor: /nowhere, services: [ a.B ]", "unable to read file: /nowhere: ")]
    public void What_is_no_descriptor_is_an_error(string config, string error) =>
        Assert.StartsWith(error, Filters.FaultsOfOne("grpc_json_transcoder.v3.GrpcJsonTranscoder", config).Single(), StringComparison.Ordinal);

    [Fact]
    public void A_service_that_is_not_in_it_is_an_error() => Assert.Equal(
        "transcoding_filter: Could not find 'a.B' in the proto descriptor",
        Filters.FaultsOfOne("grpc_json_transcoder.v3.GrpcJsonTranscoder", $"proto_descriptor: \"{s_descriptor}\", services: [ a.B ]").Single());

    private string ResponseText => Encoding.UTF8.GetString([.. _stream.ResponseBody]);

    private static FakeStream Stream(string config) => new(Filters.One(
        "grpc_json_transcoder.v3.GrpcJsonTranscoder", $"proto_descriptor: \"{s_descriptor}\", services: [ bookstore.Bookstore ]{(config.Length > 0 ? ", " + config : "")}"));

    private void Use(string config)
    {
        _stream.Dispose();
        _stream = Stream(config);
    }

    private FilterStatus Request(string method, string path, bool endStream = true, string contentType = "application/json") =>
        _stream.Request(Map((":method", method), (":path", path), (":authority", "a"), ("content-type", contentType)), endStream);

    private static HeaderMap Head(int status, string type, params (string, string)[] more) => Map([(":status", $"{status}"), ("content-type", type), .. more]);

    private static byte[] Frame(string type, string json)
    {
        var (message, frame) = (new ByteWriter(), new ByteWriter());
        Assert.True(new MessageEncoder(s_types, false).TryWriteMessage(s_types.FindMessage(type)!, Encoding.UTF8.GetBytes(json), message));
        GrpcFrames.Write(message.Written, frame);
        return frame.Written.ToArray();
    }

    /// <summary>The messages of a gRPC body, as JSON.</summary>
    private static string[] Messages(List<byte> body, string type)
    {
        var frames = new GrpcFrames(1 << 20);
        frames.Append([.. body]);
        var messages = new List<string>();
        while (frames.TryTake(out var message) is true)
        {
            var output = new ByteWriter();
            Assert.True(new MessagePrinter(s_types, PrintOptions.Of(null)).TryPrint(s_types.FindMessage(type)!, message, output));
            messages.Add(Encoding.UTF8.GetString(output.Written));
        }

        return [.. messages];
    }
}
