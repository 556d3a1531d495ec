using Weft.Config.Syntax;
using Weft.Config.Types;

namespace Weft.Config.Upgrade;

/// <summary>Extensions of the v2 API that v3 has under the same name, but not in the same form, or no longer.</summary>
internal static class ExtensionSuccessors
{
    private const string Compressor = "envoy.extensions.filters.http.compressor.v3.Compressor";
    private const string GzipFilter = "envoy.extensions.filters.http.gzip.v3.Gzip";
    private const string GzipLibrary = "envoy.extensions.compression.gzip.compressor.v3.Gzip";
    private const string Zipkin = "envoy.config.trace.v3.ZipkinConfig";

    /// <summary>The configuration as v3 wants it; the same object when there is nothing to change.</summary>
    /// <param name="type">Of the configuration, by its v3 name; becomes that of what takes its place.</param>
    internal static MappingNode Replace(MappingNode config, ref string type)
    {
        if (type == Zipkin) return OfZipkin(config);
        if (type != GzipFilter) return config;
        type = Compressor;
        return OfGzip(config);
    }

    /// <summary>The first version of Zipkin's API is what v2 meant where none was given. Envoy has it no longer; collectors take the second one beside it.</summary>
    private static MappingNode OfZipkin(MappingNode config)
    {
        const string Version = "collector_endpoint_version", Endpoint = "collector_endpoint";
        if (Nodes.TextOf(config.Find(Version)) is { } version && version is not ("0" or "HTTP_JSON_V1")) return config;
        var result = Nodes.Mapping(config.Position);
        foreach (var entry in config.Entries.Where(static entry => entry.Key != Version))
            result.Entries.Add(entry.Key == Endpoint && Nodes.TextOf(entry.Value) == "/api/v1/spans" ? Nodes.Entry(entry, Endpoint, "/api/v2/spans") : entry);
        result.Entries.Add(new MappingEntry(Version, config.Position, Nodes.Text(config.Position, "HTTP_JSON")));
        return result;
    }

    /// <summary>The filter that knew one algorithm is one that takes any.</summary>
    private static MappingNode OfGzip(MappingNode config)
    {
        var at = config.Position;
        var result = Nodes.Mapping(at);
        var (common, response, library) = (Nodes.Mapping(at), Nodes.Mapping(at), Nodes.Mapping(at, ("@type", Nodes.Text(at, ApiTypes.UrlOf(GzipLibrary)))));
        foreach (var entry in config.Entries)
        {
            switch (entry.Key)
            {
                case "@type": result.Entries.Add(entry); break;
                case "content_length": common.Entries.Add(Nodes.Entry(entry, "min_content_length", entry.Value)); break;
                case "content_type": common.Entries.Add(entry); break;
                case "disable_on_etag_header" or "remove_accept_encoding_header": response.Entries.Add(entry); break;
                case "compression_level" or "compression_strategy": library.Entries.Add(Nodes.Entry(entry, entry.Key, NameOf(entry))); break;
                default: library.Entries.Add(entry); break;
            }
        }

        response.Entries.Add(new MappingEntry("common_config", at, common));
        result.Entries.Add(new MappingEntry("response_direction_config", at, response));
        result.Entries.Add(new MappingEntry("compressor_library", at, Nodes.Mapping(at, ("name", Nodes.Text(at, "gzip")), ("typed_config", library))));
        return result;
    }

    private static string NameOf(MappingEntry entry) => Nodes.TextOf(entry.Value) switch
    {
        "DEFAULT" => entry.Key == "compression_level" ? "DEFAULT_COMPRESSION" : "DEFAULT_STRATEGY",
        "BEST" => "BEST_COMPRESSION",
        "SPEED" => "BEST_SPEED",
        "HUFFMAN" => "HUFFMAN_ONLY",
        var other => other ?? "",
    };
}
