using Envoy.Service.Ratelimit.V3;
using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.RateLimiting;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;
using DescriptorMessage = Envoy.Extensions.Common.Ratelimit.V3.RateLimitDescriptor;
using Message = Envoy.Extensions.Filters.Network.Ratelimit.V3.RateLimit;

namespace Weft.Proxy.NetworkFilters.RateLimit;

/// <summary>envoy.filters.network.ratelimit as configured, with <c>ratelimit.PREFIX.*</c>.</summary>
internal sealed class RateLimitFactory : NetworkFilterFactory
{
    private readonly (string Key, SubstitutionFormat Value)[][] _descriptors;

    private RateLimitFactory(Message config, RateLimitService service, FactoryContext context)
    {
        Service = service;
        Runtime = context.Runtime;
        DeniesOnFailure = config.FailureModeDeny;
        _descriptors = [.. config.Descriptors.Select(descriptor => descriptor.Entries
            .Select(entry => (entry.Key, SubstitutionFormat.Parse(entry.Value, context.Config, entry, "value"))).ToArray())];
        var scope = context.Stats.Scope($"ratelimit.{config.StatPrefix}.");
        Active = scope.Gauge("active");
        Total = scope.Counter("total");
        Ok = scope.Counter("ok");
        Error = scope.Counter("error");
        OverLimit = scope.Counter("over_limit");
        ConnectionsClosed = scope.Counter("cx_closed");
        FailureModeAllowed = scope.Counter("failure_mode_allowed");
    }

    public override bool IsTerminal => false;

    public RateLimitService Service { get; }

    public RuntimeLayers Runtime { get; }

    /// <summary>failure_mode_deny; default false: without an answer the connection goes on.</summary>
    public bool DeniesOnFailure { get; }

    public Gauge Active { get; }

    public Counter Total { get; }

    public Counter Ok { get; }

    public Counter Error { get; }

    public Counter OverLimit { get; }

    public Counter ConnectionsClosed { get; }

    public Counter FailureModeAllowed { get; }

    /// <summary>Null, with findings, when the service cannot be asked.</summary>
    public static RateLimitFactory? Create(Message config, FactoryContext context)
        => RateLimitService.Create(config.RateLimitService, config.Domain, config.Timeout, config, context) is { } service ? new RateLimitFactory(config, service, context) : null;

    public override NetworkFilter Create(Worker worker) => new RateLimitFilter(this, worker);

    /// <summary>The question about a connection.</summary>
    public RateLimitRequest CreateRequest(StreamInfo info)
    {
        var request = new RateLimitRequest { Domain = Service.Domain };
        var value = new ByteWriter();
        foreach (var entries in _descriptors)
        {
            var descriptor = new DescriptorMessage();
            foreach (var (key, format) in entries)
            {
                value.Clear();
                format.Format(new FormatContext(info), value);
                descriptor.Entries.Add(new DescriptorMessage.Types.Entry { Key = key, Value = System.Text.Encoding.UTF8.GetString(value.Written) });
            }

            request.Descriptors.Add(descriptor);
        }

        return request;
    }
}
