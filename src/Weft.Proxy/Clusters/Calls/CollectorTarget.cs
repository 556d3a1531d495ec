using System.Text;
using Envoy.Config.Core.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.Router.Retries;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>Where spans and logs are posted to. Immutable.</summary>
/// <param name="Cluster">Through which.</param>
/// <param name="Host">:authority.</param>
/// <param name="Path">:path.</param>
/// <param name="ContentType">Of the body.</param>
internal sealed record CollectorTarget(ClusterReference Cluster, byte[] Host, byte[] Path, byte[] ContentType)
{
    /// <summary>Set on every request, over the others.</summary>
    public IReadOnlyList<(HeaderName Name, byte[] Value)> Headers { get; init; } = [];

    /// <summary>A header that says how many things a report holds; null: none does.</summary>
    public HeaderName? CountHeader { get; init; }

    /// <summary>By gRPC: <see cref="Path"/> is the method, and the body one message.</summary>
    public bool IsGrpc { get; init; }

    /// <summary>How often a call is begun again when no connection can be made; null: it is not.</summary>
    public ConnectRetries? Retries { get; init; }

    /// <summary>retry_policy of the service: which outcomes of a call are tried again; null: none.</summary>
    public RetryPolicyConfig? Policy { get; init; }

    /// <summary>How long a report may take; 0: no limit.</summary>
    public long TimeoutMs { get; init; }

    /// <summary>core.v3.GrpcService; null after a fault, which is reported.</summary>
    /// <param name="method">For example <c>/package.Service/Method</c>.</param>
    /// <param name="what">The tracer or logger, for the fault.</param>
    /// <param name="isStream">It is told on a stream, which is not begun again.</param>
    public static CollectorTarget? Create(GrpcService service, string method, string what, FactoryContext context, bool isStream = false)
    {
        if (isStream && service.RetryPolicy is not null)
            context.Config.Error(service, "retry_policy", "not implemented for a service that is told on a stream");
        if (service.EnvoyGrpc?.MaxReceiveMessageLength is not null)
            context.Config.Warning(service.EnvoyGrpc, "max_receive_message_length", "limits the messages of management servers only, so far");
        var isOwnCluster = service.GoogleGrpc is not null;
        if (context.GoogleGrpc.Resolve(service, context) is not { EnvoyGrpc: not null } resolved)
            return null;
        service = resolved;
        var cluster = service.EnvoyGrpc.ClusterName;
        if (!isOwnCluster && context.ClusterExists is { } exists && !exists(cluster))
        {
            context.Config.Error(service.EnvoyGrpc, "cluster_name", $"{what}: unknown cluster '{cluster}'");
            return null;
        }

        return new CollectorTarget(
            context.Clusters.Get(cluster),
            Encoding.UTF8.GetBytes(service.EnvoyGrpc.Authority.Length > 0 ? service.EnvoyGrpc.Authority : cluster),
            Encoding.ASCII.GetBytes(method),
            "application/grpc"u8.ToArray())
        {
            IsGrpc = true,
            TimeoutMs = service.Timeout.ToMs(0),
            Policy = CallRetries.OfGrpc(service.RetryPolicy, context.Config),
            Headers = [.. service.InitialMetadata.Select(header => (new HeaderName(header.Key), Encoding.UTF8.GetBytes(header.Value)))],
        };
    }

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
            Encoding.UTF8.GetBytes(slash < 0 ? host : slash > 0 ? host[..slash] : uri.Cluster),
            Encoding.UTF8.GetBytes(slash < 0 ? "/" : host[slash..]),
            Encoding.ASCII.GetBytes(contentType))
        {
            TimeoutMs = uri.Timeout.ToMs(0),
            Headers = [.. service.RequestHeadersToAdd.Select(option => (new HeaderName(option.Header.Key), Encoding.UTF8.GetBytes(option.Header.Value)))],
        };
    }
}
