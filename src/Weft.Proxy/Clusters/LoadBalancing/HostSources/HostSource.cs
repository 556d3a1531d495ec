using Weft.Config;
using Weft.Http;
using Weft.Proxy.Streams;
using SourceMessage = Envoy.Extensions.LoadBalancingPolicies.OverrideHost.V3.OverrideHost.Types.OverrideHostSource;

namespace Weft.Proxy.Clusters.LoadBalancing.HostSources;

/// <summary>Where a request names its endpoints: a comma-separated list. Immutable; any worker.</summary>
internal abstract class HostSource
{
    /// <summary>The list; empty when there is none.</summary>
    public abstract ReadOnlySpan<byte> Read(HeaderMap? headers, StreamInfo info);

    /// <summary>Null, with a fault, when it is not one of the two.</summary>
    public static HostSource? Create(SourceMessage config, ConfigContext context)
    {
        if (config.Header.Length > 0 && config.Metadata is not null)
            context.Error(config, null, "Only one override source must be set");
        if (config.Header.Length > 0)
            return new Header(config.Header);
        if (config.Metadata is { } metadata)
            return new Metadata(metadata.Key, [.. metadata.Path.Select(static segment => segment.Key)]);
        context.Error(config, null, "Empty override source");
        return null;
    }

    /// <summary>The first header of the name.</summary>
    private sealed class Header(string name) : HostSource
    {
        private readonly HeaderName _name = new(name);

        public override ReadOnlySpan<byte> Read(HeaderMap? headers, StreamInfo info)
        {
            var index = headers?.IndexOf(_name) ?? -1;
            return index < 0 ? default : headers!.ValueAt(index);
        }
    }

    /// <summary>A text of the request's dynamic metadata.</summary>
    private sealed class Metadata(string @namespace, string[] path) : HostSource
    {
        public override ReadOnlySpan<byte> Read(HeaderMap? headers, StreamInfo info) =>
            info.DynamicMetadata.Find(@namespace, path) is { Kind: MetadataKind.Text } value ? value.Text : default;
    }
}
