using System.Text;
using Envoy.Type.Metadata.V3;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Formatting.Operators;
using CustomTagMessage = Envoy.Type.Tracing.V3.CustomTag;

namespace Weft.Proxy.Tracing;

/// <summary>A tag that configuration adds to spans: a text, or where to take it from. Immutable; any worker.</summary>
internal sealed class CustomTag
{
    private readonly byte[] _name;
    private readonly FormatOperator? _source;
    private readonly byte[] _default;

    private CustomTag(string name, FormatOperator? source, string defaultValue) =>
        (Name, _name, _source, _default) = (name, Encoding.UTF8.GetBytes(name), source, Encoding.UTF8.GetBytes(defaultValue));

    public static CustomTag[] Create(IEnumerable<CustomTagMessage> configs, ConfigContext context) =>
        [.. configs.Select(config => Create(config, context)).OfType<CustomTag>()];

    public void Apply(SpanTags tags, in FormatContext context)
    {
        var value = tags.Begin(_name);
        var start = value.Length;
        if (_source is null || !_source.TryWrite(context, value) || value.Length == start)
            value.Write(_default);
        tags.End(_name.Length);
    }

    public string Name { get; }

    /// <summary>The value, for a log; "" when there is none. Allocates.</summary>
    public string Text(in FormatContext context)
    {
        var value = new ByteWriter(32);
        return Encoding.UTF8.GetString(_source is not null && _source.TryWrite(context, value) && value.Length > 0 ? value.Written : _default);
    }

    private static CustomTag? Create(CustomTagMessage config, ConfigContext context)
    {
        switch (config.TypeCase)
        {
            case CustomTagMessage.TypeOneofCase.Literal:
                return new CustomTag(config.Tag, null, config.Literal.Value);
            case CustomTagMessage.TypeOneofCase.Environment:
                return new CustomTag(config.Tag, null, Environment.GetEnvironmentVariable(config.Environment.Name) ?? config.Environment.DefaultValue);
            case CustomTagMessage.TypeOneofCase.RequestHeader:
                var header = new HeaderOperator(HeaderSource.Request, new HeaderName(config.RequestHeader.Name), null, int.MaxValue);
                return new CustomTag(config.Tag, header, config.RequestHeader.DefaultValue);
            case CustomTagMessage.TypeOneofCase.Metadata when OfMetadata(config.Metadata) is { } metadata:
                return new CustomTag(config.Tag, metadata, config.Metadata.DefaultValue);
            case CustomTagMessage.TypeOneofCase.Metadata:
                context.Error(config.Metadata, "kind", "this kind of metadata is not implemented; there are request, route, cluster and host");
                return null;
            default:
                return null; // The API's own rules report it.
        }
    }

    private static FormatOperator? OfMetadata(CustomTagMessage.Types.Metadata config)
    {
        var path = config.MetadataKey?.Path.Select(segment => segment.Key).ToArray() ?? [];
        var name = config.MetadataKey?.Key ?? "";
        return config.Kind?.KindCase switch
        {
            MetadataKind.KindOneofCase.Request => new DynamicMetadataOperator(name, path, int.MaxValue),
            MetadataKind.KindOneofCase.Cluster => new MetadataOperator(static info => info.UpstreamCluster?.Metadata, name, path, int.MaxValue),
            MetadataKind.KindOneofCase.Host => new MetadataOperator(static info => info.UpstreamEndpoint?.Metadata, name, path, int.MaxValue),
            MetadataKind.KindOneofCase.Route => new MetadataOperator(static info => info.Route?.Metadata, name, path, int.MaxValue),
            _ => null,
        };
    }
}
