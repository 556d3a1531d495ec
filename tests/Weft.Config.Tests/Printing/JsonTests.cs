using Envoy.Admin.V3;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Config.Tests.Printing;

public sealed class JsonTests
{
    [Fact]
    public void A_dump_looks_as_in_envoy()
    {
        var dump = new ConfigDump();
        dump.Configs.Add(Any.Pack(new BootstrapConfigDump
        {
            Bootstrap = Reading.Good("""
                node: { id: a, metadata: { list: [1, x, ~, {}], empty: [] } }
                static_resources:
                  clusters:
                  - { name: c, connect_timeout: 0.25s, type: STATIC, lb_policy: RANDOM, circuit_breakers: { thresholds: { max_connections: 5 } } }
                admin: { address: { pipe: { path: "<x>" } } }
                """),
            LastUpdated = new Timestamp { Seconds = 1706702400, Nanos = 123_000_000 },
        }));
        Assert.Equal("""
            {
             "configs": [
              {
               "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump",
               "bootstrap": {
                "node": {
                 "id": "a",
                 "metadata": {
                  "list": [
                   1,
                   "x",
                   null,
                   {}
                  ],
                  "empty": []
                 }
                },
                "static_resources": {
                 "clusters": [
                  {
                   "name": "c",
                   "type": "STATIC",
                   "connect_timeout": "0.250s",
                   "lb_policy": "RANDOM",
                   "circuit_breakers": {
                    "thresholds": [
                     {
                      "max_connections": 5
                     }
                    ]
                   }
                  }
                 ]
                },
                "admin": {
                 "address": {
                  "pipe": {
                   "path": "\u003cx\u003e"
                  }
                 }
                }
               },
               "last_updated": "2024-01-31T12:00:00.123Z"
              }
             ]
            }
            """, MessagePrinter.ToJson(dump));
    }

    [Fact]
    public void Secrets_are_hidden_wherever_they_stand()
    {
        var secret = new Secret { Name = "s", TlsCertificate = new TlsCertificate { CertificateChain = new DataSource { InlineString = "open" }, PrivateKey = new DataSource { InlineString = "hidden" } } };
        secret.TlsCertificate.PrivateKeyProvider = new PrivateKeyProvider { ProviderName = "p", TypedConfig = Any.Pack(new StringValue { Value = "hidden" }) };
        secret.TlsCertificate.Password = new DataSource { InlineBytes = ByteString.CopyFromUtf8("hidden") };
        var text = MessagePrinter.ToJson(Any.Pack(secret));
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
        Assert.DoesNotContain(ByteString.CopyFromUtf8("hidden").ToBase64(), text, StringComparison.Ordinal);
        Assert.Contains("\"inline_string\": \"[redacted]\"", text, StringComparison.Ordinal);
        Assert.Contains("\"inline_bytes\": \"W3JlZGFjdGVkXQ==\"", text, StringComparison.Ordinal);
        Assert.Contains("\"inline_string\": \"open\"", text, StringComparison.Ordinal);
        Assert.Contains("hidden", MessagePrinter.ToJson(secret, new PrintOptions { Redacted = false }), StringComparison.Ordinal);
    }

    [Fact]
    public void All_fields_are_shown_when_asked_for()
        => Assert.Equal(
            """{"version":"","state":"LIVE","uptime_current_epoch":"1s","hot_restart_version":""}""",
            MessagePrinter.ToJson(new ServerInfo { UptimeCurrentEpoch = new Duration { Seconds = 1 } }, new PrintOptions { AllFields = true, Indented = false }));

    [Theory]
    [InlineData(1, 0, "1s")]
    [InlineData(0, 5_000_000, "0.005s")]
    [InlineData(0, 5_000, "0.000005s")]
    [InlineData(0, 5, "0.000000005s")]
    [InlineData(-1, -500_000_000, "-1.500s")]
    public void Durations_have_no_three_six_or_nine_digits(long seconds, int nanos, string expected)
        => Assert.Equal($"\"{expected}\"", MessagePrinter.ToJson(new Duration { Seconds = seconds, Nanos = nanos }));

    [Fact]
    public void Numbers_that_json_cannot_hold_are_text()
    {
        var option = new SocketOption { Level = long.MaxValue, BufValue = ByteString.CopyFrom(255) };
        Assert.Equal("""{"level":"9223372036854775807","buf_value":"/w=="}""", MessagePrinter.ToJson(option, new PrintOptions { Indented = false }));
        Assert.Equal("\"NaN\"", MessagePrinter.ToJson(new DoubleValue { Value = double.NaN }));
        Assert.Equal("1e+30", MessagePrinter.ToJson(new DoubleValue { Value = 1e30 }));
        Assert.Equal("0.5", MessagePrinter.ToJson(new DoubleValue { Value = 0.5 }));
    }

    [Fact]
    public void Keys_and_control_signs_are_escaped()
        => Assert.Equal("{\"a\\\"\":\"\\u0001\\t\\\\\"}", MessagePrinter.ToJson(new Struct { Fields = { ["a\""] = Value.ForString("\u0001\t\\") } }, new PrintOptions { Indented = false }));

    [Fact]
    public void An_any_of_an_unknown_type_shows_its_bytes()
        => Assert.Equal("""{"@type":"x/no.such","value":"AQ=="}""", MessagePrinter.ToJson(new Any { TypeUrl = "x/no.such", Value = ByteString.CopyFrom(1) }, new PrintOptions { Indented = false }));

    [Fact]
    public void An_any_of_a_well_known_type_has_a_value()
        => Assert.Equal("""{"@type":"type.googleapis.com/google.protobuf.UInt32Value","value":5}""", MessagePrinter.ToJson(Any.Pack(new UInt32Value { Value = 5 }), new PrintOptions { Indented = false }));

    [Fact]
    public void Nothing_is_an_empty_mapping() => Assert.Equal("{}", MessagePrinter.ToJson(new Cluster()));

    [Theory]
    [MemberData(nameof(SampleTests.Files), "", MemberType = typeof(SampleTests))]
    public void What_is_printed_reads_as_what_was_printed(string file)
    {
        var read = ConfigReader.Read<Bootstrap>(SampleTests.PathOf(file), null, new ReadOptions(), new ConfigContext());
        Assert.Equal(read, Reading.Good<Bootstrap>(MessagePrinter.ToJson(read), "t.json"));
        Assert.Equal(read, Reading.Good<Bootstrap>(MessagePrinter.ToYaml(read)));
    }

    [Fact]
    public void A_stream_gets_utf_8_and_stays_open()
    {
        using var stream = new MemoryStream();
        MessagePrinter.WriteJson(new Node { Id = "é" }, stream, new PrintOptions { Indented = false });
        Assert.Equal("{\"id\":\"é\"}"u8.ToArray(), stream.ToArray());
        Assert.True(stream.CanWrite);
    }
}
