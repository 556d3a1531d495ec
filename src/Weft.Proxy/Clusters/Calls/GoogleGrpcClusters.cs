using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using GoogleGrpc = Envoy.Config.Core.V3.GrpcService.Types.GoogleGrpc;

namespace Weft.Proxy.Clusters.Calls;

/// <summary>
/// Services configured with google_grpc, which names an address instead of a cluster: each gets a cluster of its own, once for all places that
/// configure the same. So they have our client's HTTP/2, TLS and statistics. Main thread.
/// </summary>
internal sealed class GoogleGrpcClusters
{
    private readonly List<(GoogleGrpc Config, string Cluster)> _all = [];

    /// <summary>The service with envoy_grpc in the place of google_grpc; null, with the fault reported, when it cannot be reached so.</summary>
    public GrpcService? Resolve(GrpcService service, FactoryContext context)
    {
        if (service.GoogleGrpc is not { } config)
            return service;
        if (GoogleGrpcTarget.Parse(config.TargetUri) is not { } target)
        {
            context.Config.Error(config, "target_uri", $"'{config.TargetUri}' is no target that can be reached: use host:port, dns:, ipv4:, ipv6: or unix:");
            return null;
        }

        if (!CheckCredentials(config, context) || NameOf(config, target, context) is not { } cluster)
            return null;
        var resolved = service.Clone();
        resolved.EnvoyGrpc = new GrpcService.Types.EnvoyGrpc { ClusterName = cluster, Authority = target.Authority };
        foreach (var credentials in config.CallCredentials)
            resolved.InitialMetadata.Add(new HeaderValue { Key = "authorization", Value = $"Bearer {credentials.AccessToken}" });
        return resolved;
    }

    private string? NameOf(GoogleGrpc config, GoogleGrpcTarget target, FactoryContext context)
    {
        if (_all.Find(known => known.Config.Equals(config)).Cluster is { } same)
            return same;
        var name = $"google_grpc.{config.StatPrefix}";
        if (_all.Exists(known => known.Cluster == name))
            name += $"#{_all.Count}";
        var source = GoogleGrpcClusterMessage.Create(name, config, target);
        if (!CheckCluster(source, config, context))
            return null;
        _all.Add((config, name));
        // Clusters are made on the loop: what it waits for (names, handshakes) needs it.
        if (context.ClusterManager is { } clusters)
            context.MainLoop.Post(() => clusters.AddOwned(source, static () => { }));
        return name;
    }

    private static bool CheckCredentials(GoogleGrpc config, FactoryContext context)
    {
        if (config.ChannelCredentials?.GoogleDefault is not null)
            return Refuse(config.ChannelCredentials, "google_default", "google_default is not implemented; use ssl_credentials");
        foreach (var credentials in config.CallCredentials)
        {
            if (credentials.CredentialSpecifierCase != GoogleGrpc.Types.CallCredentials.CredentialSpecifierOneofCase.AccessToken)
                return Refuse(credentials, null, "of call_credentials only access_token is implemented");
            if (config.ChannelCredentials?.SslCredentials is null)
                return Refuse(credentials, "access_token", "call credentials need ssl_credentials: they are not sent in clear text");
        }

        return true;

        bool Refuse(Google.Protobuf.IMessage at, string? field, string text)
        {
            context.Config.Error(at, field, text);
            return false;
        }
    }

    /// <summary>Certificates that cannot be read are a fault of the configuration, not of the first call.</summary>
    private static bool CheckCluster(Envoy.Config.Cluster.V3.Cluster source, GoogleGrpc config, FactoryContext context)
    {
        var probe = new ConfigContext();
        using var lifetime = new Lifetime(context.Stats);
        lifetime.Make(() => ClusterConfig.Create(source, context.For(probe, lifetime)));
        foreach (var error in probe.Findings.Errors)
            context.Config.Error(config, "channel_credentials", error.Text);
        return !probe.Findings.HasErrors;
    }
}
