using System.Net;
using System.Text;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;
using Weft.Proxy.Tests.HttpFilters;
using Weft.Proxy.TransportSockets;
using Weft.Proxy.TransportSockets.ProxyProtocol;

namespace Weft.Proxy.Tests.TransportSockets.ProxyProtocol;

/// <summary>Values of PROXY headers to upstreams.</summary>
public sealed class AddedTlvsTests
{
    private const int BytesBeforeValues = 28;

    private readonly Counter _shortened = new StatsStore().Scope("").Counter("shortened");

    [Fact]
    public void Values_of_the_endpoint_come_before_those_of_the_socket_and_those_before_the_client_s()
    {
        var format = Format("{ type: 0xEE, value: ZGVmYXVsdA== }, { type: 0xEE, value: dHdpY2U= }, { type: 5, value: bWluZQ== }", "pass_through_tlvs: {}");
        var added = format.Added.For(OfEndpoint("{ type: 0xEE, value: b3ZlcnJpZGU= }, { type: 0xEF, value: bmV3dmFsdWU= }"));
        Assert.Equal("238:override,239:newvalue,5:mine,6:theirs,", Values(format.Write(Client((5, "theirs"), (6, "theirs")), added)));
        Assert.Equal("238:default,5:mine,6:theirs,", Values(format.Write(Client((5, "theirs"), (6, "theirs")), format.Added.For(new Metadata()))));
    }

    [Fact]
    public void Metadata_that_cannot_be_read_adds_nothing()
    {
        var metadata = new Metadata { TypedFilterMetadata = { ["envoy.transport_sockets.proxy_protocol"] = new Any { TypeUrl = "type.googleapis.com/envoy.config.core.v3.PerHostConfig", Value = ByteString.CopyFromUtf8("\u00ff") } } };
        Assert.Empty(Format("").Added.For(metadata).Values);
    }

    [Fact]
    public void What_does_not_fit_is_left_out_and_counted()
    {
        var client = Client((5, new string('x', 40_000)), (6, new string('y', 40_000)), (7, "z"));
        Assert.Equal($"5:{new string('x', 40_000)},7:z,", Values(Format("", "pass_through_tlvs: {}").Write(client)));
        Assert.Equal(1, _shortened.Value);
    }

    [Fact]
    public void Without_a_client_there_are_no_values()
    {
        var format = Format("{ type: 1, value: eA== }");
        Assert.Equal(16, format.Write(null, format.Added).Length);
    }

    private ProxyHeaderFormat Format(string added, string more = "") =>
        new(Filters.Read<ProxyProtocolConfig>($"version: V2, added_tlvs: [ {added} ]{(more.Length > 0 ? ", " + more : "")}"), _shortened);

    private static Metadata OfEndpoint(string values) =>
        Filters.Read<Metadata>($"typed_filter_metadata: {{ envoy.transport_sockets.proxy_protocol: {{ \"@type\": type.googleapis.com/envoy.config.core.v3.PerHostConfig, added_tlvs: [ {values} ] }} }}");

    private static ProxiedClient Client(params (byte Type, string Value)[] values) => new(
        NetAddress.FromIP(IPAddress.Parse("10.0.0.1"), 1000),
        NetAddress.FromIP(IPAddress.Parse("10.0.0.2"), 80),
        new ProxyHeader { Version = 2, Length = 0, Tlvs = [.. values.Select(static value => (value.Type, Encoding.ASCII.GetBytes(value.Value)))] });

    private static string Values(byte[] header)
    {
        var text = new StringBuilder();
        for (var at = BytesBeforeValues; at < header.Length;)
        {
            var length = (header[at + 1] << 8) + header[at + 2];
            text.Append(header[at]).Append(':').Append(Encoding.ASCII.GetString(header, at + 3, length)).Append(',');
            at += 3 + length;
        }

        return text.ToString();
    }
}
