using System.Globalization;
using System.Text;
using Envoy.Extensions.Filters.Http.GrpcStats.V3;
using Google.Protobuf;
using Weft.Base.Buffers;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.GrpcStats;

/// <summary>emit_filter_state: how many messages of a call have gone either way, up to now. Pooled with its filter; worker thread.</summary>
internal sealed class MessageCountsState : FilterStateValue
{
    public const string Name = "envoy.filters.http.grpc_stats";

    public long Requests { get; set; }

    public long Responses { get; set; }

    public override byte[] Text => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Requests},{Responses}"));

    public override IMessage ToMessage() => new FilterObject { RequestMessageCount = (ulong)Requests, ResponseMessageCount = (ulong)Responses };

    /// <summary>As a grpc_stats.v3.FilterObject.</summary>
    public override bool TryWriteJson(ByteWriter output)
    {
        output.Write("{\"request_message_count\":\""u8);
        output.Write(Requests);
        output.Write("\",\"response_message_count\":\""u8);
        output.Write(Responses);
        output.Write("\"}"u8);
        return true;
    }
}
