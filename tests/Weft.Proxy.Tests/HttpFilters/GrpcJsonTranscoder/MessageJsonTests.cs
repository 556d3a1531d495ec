using System.Text;
using Envoy.Config.Cluster.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Weft.Base.Buffers;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

namespace Weft.Proxy.Tests.HttpFilters.GrpcJsonTranscoder;

/// <summary>JSON to protobuf and back, against protobuf's own implementation where messages have generated classes.</summary>
public sealed class MessageJsonTests
{
    private const string ClusterJson = """
        { "name": "web \u00e9\"", "connectTimeout": "1.500s", "type": "STRICT_DNS", "perConnectionBufferLimitBytes": 7,
          "loadAssignment": { "clusterName": "web", "endpoints": [ { "priority": 1, "lbEndpoints": [ {}, { "loadBalancingWeight": 3 } ] } ] },
          "metadata": { "filterMetadata": { "a": { "list": [1, "two", true, null, { "deep": {} }], "n": -1.5e3 } } },
          "typedExtensionProtocolOptions": { "x": { "@type": "type.googleapis.com/google.protobuf.Duration", "value": "-3.000000001s" },
            "y": { "clusterName": "inner", "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment" } },
          "ringHashLbConfig": { "minimumRingSize": "18446744073709551615" }, "commonLbConfig": { "healthyPanicThreshold": { "value": 12.5 } } }
        """;

    private static readonly MessageTypes s_bookstore = MessageTypes.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "HttpFilters", "GrpcJsonTranscoder", "bookstore.pb")))!;

    private static readonly MessageDescriptor s_everything = s_bookstore.FindMessage("bookstore.Everything")!;

    [Fact]
    public void A_large_message_is_what_protobuf_makes_of_it()
    {
        var registry = TypeRegistry.FromFiles(ClusterReflection.Descriptor);
        var expected = new JsonParser(JsonParser.Settings.Default.WithTypeRegistry(registry)).Parse<Cluster>(ClusterJson);
        var types = TypesOf(ClusterReflection.Descriptor);
        var type = types.FindMessage("envoy.config.cluster.v3.Cluster")!;

        var wire = Encode(types, type, ClusterJson);
        Assert.Equal(expected, Cluster.Parser.ParseFrom(wire));

        var printed = Print(types, type, expected.ToByteArray());
        Assert.Equal(expected, new JsonParser(JsonParser.Settings.Default.WithTypeRegistry(registry)).Parse<Cluster>(printed));
    }

    [Theory]
    [InlineData("""{"aDouble":1.5,"aFloat":-2.25,"anInt32":-1,"anInt64":"-9223372036854775808","aUint32":4294967295,"aUint64":"18446744073709551615"}""")]
    [InlineData("""{"aSint32":-2147483648,"aSint64":"-5","aFixed32":7,"aFixed64":"8","anSfixed32":-9,"anSfixed64":"-10","aBool":true}""")]
    [InlineData("""{"aDouble":"NaN","aFloat":"-Infinity"}""")]
    [InlineData("""{"aString":"quote \" slash \\ line \n","someBytes":"AP8=","aColour":"DARK_BLUE"}""")]
    [InlineData("""{"inner":{"inner":{}},"numbers":[1,-2,3],"books":[{"title":"a"},{}]}""")]
    [InlineData("""{"counts":{"a":1,"b":0},"byNumber":{"-5":{"title":"x"}}}""")]
    [InlineData("""{"at":"2024-02-29T23:59:59.000000001Z","lasts":"-0.500s","mask":"inner.aString,books"}""")]
    [InlineData("""{"wrapped":"0","properties":{"n":null,"s":"t","l":[1,[true]],"o":{}},"value":[null]}""")]
    [InlineData("""{"value":null,"right":0,"perhaps":0}""")]
    [InlineData("""{"any":{"@type":"type.googleapis.com/bookstore.Book","title":"within"}}""")]
    [InlineData("""{"any":{"@type":"type.googleapis.com/google.protobuf.Timestamp","value":"1970-01-01T00:00:00Z"}}""")]
    [InlineData("{}")]
    public void A_message_that_is_read_is_printed_as_it_was(string json) =>
        Assert.Equal(json, Print(s_bookstore, s_everything, Encode(s_bookstore, s_everything, json)));

    [Theory]
    [InlineData("""{"an_int32":"12","a_bool":"true","a_double":"1e3"}""", """{"aDouble":1000,"anInt32":12,"aBool":true}""")]
    [InlineData("""{"anInt32":1e2,"unknown":[{"x":1}],"aString":null,"aColour":2}""", """{"anInt32":100,"aColour":"DARK_BLUE"}""")]
    [InlineData("""{"aColour":77,"someBytes":"-_8"}""", """{"someBytes":"+/8=","aColour":77}""")]
    [InlineData("""{"at":"2024-01-01T01:00:00+01:00"}""", """{"at":"2024-01-01T00:00:00Z"}""")]
    [InlineData("""{"aString":"\ud83d\ude00\u00e9"}""", """{"aString":"😀é"}""")]
    public void What_is_allowed_besides_is_understood(string json, string printed) =>
        Assert.Equal(printed, Print(s_bookstore, s_everything, Encode(s_bookstore, s_everything, json)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"aBool\":true,}")]
    [InlineData("{\"aBool\":True}")]
    [InlineData("{\"anInt32\":01}")]
    [InlineData("{\"anInt32\":2147483648}")]
    [InlineData("{\"anInt32\":1.5}")]
    [InlineData("{\"aUint32\":-1}")]
    [InlineData("{\"aString\":5}")]
    [InlineData("{\"aString\":\"\\x\"}")]
    [InlineData("{\"aString\":\"\\ud800\"}")]
    [InlineData("{\"aString\":\"a\nb\"}")]
    [InlineData("{\"aColour\":\"GREEN\"}")]
    [InlineData("{\"numbers\":5}")]
    [InlineData("{\"inner\":[]}")]
    [InlineData("{\"at\":\"yesterday\"}")]
    [InlineData("{\"lasts\":\"5\"}")]
    [InlineData("{\"any\":{\"@type\":\"type.googleapis.com/no.Such\"}}")]
    [InlineData("{} {}")]
    public void What_is_no_such_message_is_refused_with_a_reason(string json)
    {
        var encoder = new MessageEncoder(s_bookstore, ignoreEnumCase: false);
        Assert.False(encoder.TryWriteMessage(s_everything, Encoding.UTF8.GetBytes(json), new ByteWriter()));
        Assert.False(string.IsNullOrEmpty(encoder.Fault));
    }

    [Fact]
    public void JSON_that_is_too_deep_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"inner\":", 100)) + "{}" + new string('}', 100);
        Assert.False(new MessageEncoder(s_bookstore, false).TryWriteMessage(s_everything, Encoding.UTF8.GetBytes(deep), new ByteWriter()));
        var unknown = "{\"unknown\":" + new string('[', 100_000) + new string(']', 100_000) + "}";
        Assert.False(new MessageEncoder(s_bookstore, false).TryWriteMessage(s_everything, Encoding.UTF8.GetBytes(unknown), new ByteWriter()));
    }

    [Theory]
    [InlineData("82")]
    [InlineData("8A01FF")]
    [InlineData("8A0105")]
    [InlineData("0B")]
    [InlineData("0801")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFF")]
    public void Bytes_that_are_no_message_are_refused(string hex) =>
        Assert.False(new MessagePrinter(s_bookstore, PrintOptions.Of(null)).TryPrint(s_everything, Convert.FromHexString(hex), new ByteWriter()));

    [Fact]
    public void Options_change_how_it_is_printed()
    {
        var wire = Encode(s_bookstore, s_everything, """{"aColour":"RED","books":[{"title":"a"}]}""");
        Assert.Equal(
            "{\n \"a_colour\": 1,\n \"books\": [\n  {\n   \"title\": \"a\"\n  }\n ]\n}\n",
            Print(s_bookstore, s_everything, wire, new PrintOptions(AddWhitespace: true, PrintDefaults: false, EnumsAsNumbers: true, ProtoNames: true, LineDelimited: false)));
        var shelf = s_bookstore.FindMessage("bookstore.Shelf")!;
        Assert.Equal("{\"id\":\"0\",\"theme\":\"\"}", Print(s_bookstore, shelf, [], new PrintOptions(false, PrintDefaults: true, false, false, false)));
    }

    private static byte[] Encode(MessageTypes types, MessageDescriptor type, string json)
    {
        var output = new ByteWriter();
        var encoder = new MessageEncoder(types, ignoreEnumCase: false);
        Assert.True(encoder.TryWriteMessage(type, Encoding.UTF8.GetBytes(json), output), encoder.Fault);
        return output.Written.ToArray();
    }

    private static string Print(MessageTypes types, MessageDescriptor type, byte[] message, PrintOptions? options = null)
    {
        var output = new ByteWriter();
        Assert.True(new MessagePrinter(types, options ?? PrintOptions.Of(null)).TryPrint(type, message, output));
        return Encoding.UTF8.GetString(output.Written);
    }

    /// <summary>A file with all that it imports, as a descriptor set.</summary>
    private static MessageTypes TypesOf(FileDescriptor file)
    {
        var set = new FileDescriptorSet();
        var seen = new HashSet<string>();
        void Add(FileDescriptor one)
        {
            if (!seen.Add(one.Name)) return;
            foreach (var dependency in one.Dependencies) Add(dependency);
            set.File.Add(FileDescriptorProto.Parser.ParseFrom(one.SerializedData));
        }

        Add(file);
        return MessageTypes.Read(set.ToByteArray())!;
    }
}
