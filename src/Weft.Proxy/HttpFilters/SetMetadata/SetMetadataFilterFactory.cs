using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using SetMetadataMessage = Envoy.Extensions.Filters.Http.SetMetadata.V3.Config;

namespace Weft.Proxy.HttpFilters.SetMetadata;

/// <summary>Makes filters that attach fixed values to requests (envoy.filters.http.set_metadata).</summary>
internal sealed class SetMetadataFilterFactory : HttpFilterFactory
{
    public required Entry[] Entries { get; init; }

    public required Counter OverwriteDenied { get; init; }

    /// <param name="AllowOverwrite">Merge with what is there already; without it such an entry is left out.</param>
    internal sealed record Entry(string Namespace, bool AllowOverwrite, Struct Value);

    public static SetMetadataFilterFactory Create(string name, SetMetadataMessage config, string statPrefix, FactoryContext context)
    {
        var entries = new List<Entry>();
#pragma warning disable CS0612 // Deprecated in the API, but still in files.
        if (config.Value is { } old && config.MetadataNamespace.Length > 0) entries.Add(new Entry(config.MetadataNamespace, true, old));
#pragma warning restore CS0612
        foreach (var metadata in config.Metadata)
        {
            if (metadata.Value is { } value) entries.Add(new Entry(metadata.MetadataNamespace, metadata.AllowOverwrite, value));
            else context.Config.Warning(metadata, "value", "set_metadata filter configuration contains metadata entries without value or typed_value");
        }

        return new SetMetadataFilterFactory
        {
            Name = name,
            Entries = [.. entries],
            OverwriteDenied = context.Stats.Scope($"http.{statPrefix}.set_metadata.").Counter("overwrite_denied"),
        };
    }

    public override HttpFilter Create(Worker worker) => new SetMetadataFilter(this);
}
