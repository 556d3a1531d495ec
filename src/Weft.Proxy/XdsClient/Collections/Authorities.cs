using Envoy.Config.Core.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.XdsClient.Grpc;
using ApiType = Envoy.Config.Core.V3.ApiConfigSource.Types.ApiType;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.XdsClient.Collections;

/// <summary>
/// Who is asked for a resource with an xdstp name: the source in <c>config_sources</c> that has the name's authority, else
/// <c>default_config_source</c>. Each is one stream for all types. Main thread.
/// </summary>
internal sealed class Authorities : IDisposable
{
    private readonly List<(HashSet<string> Names, GrpcSource Source)> _sources = [];
    private GrpcSource? _default;

    /// <param name="create">The stream of a source; null, with the fault reported, when it cannot be used.</param>
    /// <param name="context">Takes the faults.</param>
    public Authorities(BootstrapMessage bootstrap, Func<ApiConfigSource, string, GrpcSource?> create, FactoryContext context)
    {
        foreach (var config in bootstrap.ConfigSources)
        {
            var names = NamesOf(config, isDefault: false, context);
            if (names is not null && create(config.ApiConfigSource, string.Join(",", names.Order(StringComparer.Ordinal))) is { } source)
                _sources.Add((names, source));
        }

        if (bootstrap.DefaultConfigSource is { } rest && NamesOf(rest, isDefault: true, context) is not null)
            _default = create(rest.ApiConfigSource, "default");
    }

    /// <summary>The bootstrap names nobody, for no authority.</summary>
    public bool IsEmpty => _sources.Count == 0 && _default is null;

    /// <summary>Null when nobody is named for an authority.</summary>
    public IResourceSource? Find(string authority)
    {
        foreach (var (names, source) in _sources)
        {
            if (names.Contains(authority))
                return source;
        }

        return _default;
    }

    public void Dispose()
    {
        foreach (var (_, source) in _sources)
            source.Dispose();
        _default?.Dispose();
        _default = null;
    }

    /// <summary>The authorities of a source; null, with the fault reported, when it cannot be one for xdstp names.</summary>
    private static HashSet<string>? NamesOf(ConfigSource config, bool isDefault, FactoryContext context)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (config.ApiConfigSource is not { } source)
            context.Config.Error(config, null, "Only api_config_source type is currently supported for xdstp-based config sources.");
        else if (!isDefault && config.Authorities.Count == 0)
            context.Config.Error(config, "authorities", "xdstp-based non-default config source must have at least one authority.");
        else if (config.Authorities.FirstOrDefault(authority => !names.Add(authority.Name)) is { } twice)
            context.Config.Error(config, "authorities", $"xdstp-based config source authority {twice.Name} is configured more than once in an xdstp-based config source.");
        else if (source.ApiType is not (ApiType.AggregatedGrpc or ApiType.AggregatedDeltaGrpc))
            context.Config.Error(source, "api_type", "xdstp-based config source authority only supports AGGREGATED_GRPC and AGGREGATED_DELTA_GRPC types.");
        else
            return names;
        return null;
    }
}
