using System.Text;
using Envoy.Config.Core.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tracing;

/// <summary>Where spans are posted to. Immutable.</summary>
/// <param name="Cluster">Through which.</param>
/// <param name="Host">:authority.</param>
/// <param name="Path">:path.</param>
/// <param name="ContentType">Of the body.</param>
internal sealed record CollectorTarget(ClusterReference Cluster, byte[] Host, byte[] Path, byte[] ContentType)
{
    /// <summary>Set on every request, over the others.</summary>
    public IReadOnlyList<(HeaderName Name, byte[] Value)> Headers { get; init; } = [];

    /// <summary>core.v3.HttpService; null after a fault, which is reported.</summary>
    /// <param name="what">The tracer, for the fault.</param>
    public static CollectorTarget? Create(HttpService service, string contentType, string what, FactoryContext context)
    {
        // The API's own rules report what is missing.
        if (service.HttpUri is not { } uri)
            return null;
        if (context.ClusterExists is { } exists && !exists(uri.Cluster))
        {
            context.Config.Error(uri, "cluster", $"{what}: unknown cluster '{uri.Cluster}'");
            return null;
        }

        var host = uri.Uri[(uri.Uri.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0)..];
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        return new CollectorTarget(
            context.Clusters.Get(uri.Cluster),
            Encoding.UTF8.GetBytes(slash < 0 ? host : host[..slash]),
            Encoding.UTF8.GetBytes(slash < 0 ? "/" : host[slash..]),
            Encoding.ASCII.GetBytes(contentType))
        {
            Headers = [.. service.RequestHeadersToAdd.Select(option => (new HeaderName(option.Header.Key), Encoding.UTF8.GetBytes(option.Header.Value)))],
        };
    }
}
