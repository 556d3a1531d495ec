using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using TranscoderMessage = Envoy.Extensions.Filters.Http.GrpcJsonTranscoder.V3.GrpcJsonTranscoder;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <summary>Makes filters that let clients of JSON over HTTP call services of gRPC (envoy.filters.http.grpc_json_transcoder).</summary>
internal sealed class GrpcJsonTranscoderFilterFactory : HttpFilterFactory
{
    public required TranscoderConfig Config { get; init; }

    /// <summary>transcoder_request_buffer_bytes: what waits for the rest of a request.</summary>
    public required Gauge RequestBytes { get; init; }

    /// <summary>transcoder_response_buffer_bytes: what waits for the rest of a response.</summary>
    public required Gauge ResponseBytes { get; init; }

    public static GrpcJsonTranscoderFilterFactory? Create(string name, TranscoderMessage config, string statPrefix, FactoryContext context)
    {
        if (TranscoderConfig.Create(config, context) is not { } compiled) return null;
        var scope = context.Stats.Scope($"http.{statPrefix}.");
        return new GrpcJsonTranscoderFilterFactory
        {
            Name = name,
            Config = compiled,
            RequestBytes = scope.Gauge("transcoder_request_buffer_bytes"),
            ResponseBytes = scope.Gauge("transcoder_response_buffer_bytes"),
        };
    }

    public override HttpFilter Create(Worker worker) => new GrpcJsonTranscoderFilter(this);
}
