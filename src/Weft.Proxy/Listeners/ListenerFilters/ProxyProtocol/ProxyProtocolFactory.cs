using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.TransportSockets.ProxyProtocol;
using Message = Envoy.Extensions.Filters.Listener.ProxyProtocol.V3.ProxyProtocol;
using Versions = Envoy.Config.Core.V3.ProxyProtocolConfig.Types.Version;

namespace Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;

/// <summary>A proxy_protocol filter as configured, and its counters <c>proxy_proto.*</c>. Immutable, shared by all workers.</summary>
internal sealed class ProxyProtocolFactory : ListenerFilterFactory
{
    private const string DefaultNamespace = "envoy.filters.listener.proxy_protocol";

    private readonly Dictionary<byte, TlvRule> _rules = [];
    private readonly bool _disallowsV1;
    private readonly bool _disallowsV2;
    private readonly VersionStats _v1;
    private readonly VersionStats _v2;

    private ProxyProtocolFactory(Message config, StatsScope root)
    {
        PassThrough = new TlvFilter(config.PassThroughTlvs);
        AllowsWithout = config.AllowRequestsWithoutProxyProtocol;
        _disallowsV1 = config.DisallowedVersions.Contains(Versions.V1);
        _disallowsV2 = config.DisallowedVersions.Contains(Versions.V2);
        foreach (var rule in config.Rules)
        {
            if (rule.OnTlvPresent is { } present)
                _rules[(byte)rule.TlvType] = new TlvRule(present.MetadataNamespace.Length > 0 ? present.MetadataNamespace : DefaultNamespace, present.Key);
        }

        var scope = root.Scope(config.StatPrefix.Length > 0 ? $"proxy_proto.{config.StatPrefix}." : "proxy_proto.");
        NotFoundAllowed = scope.Counter("not_found_allowed");
        NotFoundDisallowed = scope.Counter("not_found_disallowed");
        Errors = root.Counter("downstream_cx_proxy_proto_error");
        _v1 = new VersionStats(scope.Scope("versions.v1."));
        _v2 = new VersionStats(scope.Scope("versions.v2."));
    }

    /// <summary>allow_requests_without_proxy_protocol.</summary>
    public bool AllowsWithout { get; }

    /// <summary>pass_through_tlvs.</summary>
    public TlvFilter PassThrough { get; }

    public Counter NotFoundAllowed { get; }

    public Counter NotFoundDisallowed { get; }

    public Counter Errors { get; }

    /// <summary>Compiles; faults are reported in the context.</summary>
    public static ProxyProtocolFactory Create(Message config, FactoryContext context, StatsScope root)
    {
        var factory = new ProxyProtocolFactory(config, root);
        if (factory is { _disallowsV1: true, _disallowsV2: true })
            context.Config.Error(config, "disallowed_versions", "Proxy Protocol filter is misconfigured: all proxy protocol versions are disallowed.");
        return factory;
    }

    public bool IsDisallowed(int version) => version == 1 ? _disallowsV1 : _disallowsV2;

    public VersionStats Version(int version) => version == 1 ? _v1 : _v2;

    public TlvRule? RuleFor(byte type) => _rules.TryGetValue(type, out var rule) ? rule : null;

    public override ListenerFilter Create() => new ProxyProtocolFilter(this);

    /// <summary>Where the value of a TLV goes.</summary>
    internal sealed record TlvRule(string Namespace, string Key);

    /// <summary>The counters of one version.</summary>
    internal sealed class VersionStats(StatsScope scope)
    {
        public Counter Found { get; } = scope.Counter("found");

        public Counter Error { get; } = scope.Counter("error");

        public Counter Disallowed { get; } = scope.Counter("disallowed");
    }
}
