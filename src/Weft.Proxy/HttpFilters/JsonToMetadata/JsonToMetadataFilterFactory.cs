using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using FilterMessage = Envoy.Extensions.Filters.Http.JsonToMetadata.V3.JsonToMetadata;

namespace Weft.Proxy.HttpFilters.JsonToMetadata;

/// <summary>Makes filters that turn values of JSON bodies into metadata (envoy.filters.http.json_to_metadata).</summary>
internal sealed class JsonToMetadataFilterFactory : HttpFilterFactory
{
    /// <summary>Null: bodies of requests are not read.</summary>
    public required JsonRules? Request { get; init; }

    /// <summary>Null: bodies of responses are not read.</summary>
    public required JsonRules? Response { get; init; }

    public static JsonToMetadataFilterFactory Create(string name, FilterMessage config, string statPrefix, FactoryContext context)
    {
        if (config.RequestRules is null && config.ResponseRules is null)
            context.Config.Error(config, null, "json_to_metadata_filter: Per filter configs must at least specify either request or response rules");
        return new JsonToMetadataFilterFactory
        {
            Name = name,
            Request = JsonRules.Create(config.RequestRules, context.Stats.Scope("json_to_metadata.rq."), context.Config),
            Response = JsonRules.Create(config.ResponseRules, context.Stats.Scope("json_to_metadata.resp."), context.Config),
        };
    }

    public override HttpFilter Create(Worker worker) => new JsonToMetadataFilter(this);
}
