using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf.Collections;
using Envoy.Type.V3;
using Weft.Base;
using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Weft.Proxy.Matching.Inputs;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using ActionCase = Envoy.Config.Route.V3.RateLimit.Types.Action.ActionSpecifierOneofCase;
using ActionMessage = Envoy.Config.Route.V3.RateLimit.Types.Action;
using DescriptorMessage = Envoy.Extensions.Common.Ratelimit.V3.RateLimitDescriptor;
using HeaderMatcher = Weft.Proxy.Routing.Matching.HeaderMatcher;
using MetadataKey = Envoy.Type.Metadata.V3.MetadataKey;
using MetadataSource = Envoy.Config.Route.V3.RateLimit.Types.Action.Types.MetaData.Types.Source;
using QueryParameterMatcher = Weft.Proxy.Routing.Matching.QueryParameterMatcher;

namespace Weft.Proxy.Routing.RateLimits;

/// <summary>The rate_limits of a route or virtual host, or of a filter itself: which descriptors a request has. Immutable; any thread.</summary>
internal sealed class RateLimitPolicy
{
    public static readonly RateLimitPolicy None = new([]);

    private readonly Entry[] _entries;

    private RateLimitPolicy(Entry[] entries) => _entries = entries;

    private static readonly Dictionary<string, RateLimitUnit> Units = new(StringComparer.Ordinal)
    {
        ["UNKNOWN"] = RateLimitUnit.Unknown,
        ["SECOND"] = RateLimitUnit.Second,
        ["MINUTE"] = RateLimitUnit.Minute,
        ["HOUR"] = RateLimitUnit.Hour,
        ["DAY"] = RateLimitUnit.Day,
        ["MONTH"] = RateLimitUnit.Month,
        ["YEAR"] = RateLimitUnit.Year,
    };

    private sealed record Entry(uint Stage, string DisableKey, RateLimitAction[] Actions)
    {
        /// <summary>The share of requests for which runtime lets it count; null: all.</summary>
        public RuntimeFraction? Enabled { get; } = DisableKey.Length > 0 ? new RuntimeFraction($"ratelimit.{DisableKey}.http_filter_enabled", 100, 100) : null;

        /// <summary>apply_on_stream_done: it counts, and refuses nothing, when the request is over. Default false.</summary>
        public bool OnDone { get; init; }

        /// <summary>limit.dynamic_metadata: where another limit than the service's may stand.</summary>
        public (string Namespace, string[] Path)? Override { get; init; }

        /// <summary>hits_addend; null: one, as the service takes it.</summary>
        public HitsAddend? Hits { get; init; }
    }

    public int Count => _entries.Length;

    /// <summary>Some count only when the request is over.</summary>
    public bool CountsOnDone => Array.Exists(_entries, static entry => entry.OnDone);

    public static RateLimitPolicy Create(RepeatedField<RateLimit> limits, FactoryContext context)
    {
        if (limits.Count == 0) return None;
        foreach (var limit in limits)
        {
            if (limit.HitsAddend is not null) context.Config.Error(limit, "hits_addend", "only the rate_limits of a filter's configuration have hits_addend");
        }

        return new RateLimitPolicy([.. limits.Select(limit => new Entry(limit.Stage ?? 0, limit.DisableKey, Actions(limit, context))
        {
            OnDone = limit.ApplyOnStreamDone,
            Override = limit.Limit?.DynamicMetadata?.MetadataKey is { } key ? (key.Key, [.. key.Path.Select(static segment => segment.Key)]) : null,
        })]);
    }

    /// <summary>Those of a filter's configuration, which count instead of those of route and virtual host; null when there are none.</summary>
    public static RateLimitPolicy? OfFilter(RepeatedField<RateLimit> limits, FactoryContext context)
    {
        if (limits.Count == 0) return null;
        foreach (var limit in limits)
        {
            if (limit.Stage is not null || limit.DisableKey.Length > 0) context.Config.Error(limit, null, "'stage' field and 'disable_key' field are not supported");
            if (limit.Limit is not null) context.Config.Error(limit, "limit", "'limit' field is not supported");
        }

        return new RateLimitPolicy([.. limits.Select(limit => new Entry(0, "", Actions(limit, context))
        {
            OnDone = limit.ApplyOnStreamDone,
            Hits = HitsAddend.Create(limit.HitsAddend, context.Config),
        })]);
    }

    /// <summary>Writes the descriptor at <paramref name="index"/>; false when the request has none there.</summary>
    /// <param name="stage">Only limits of this stage count.</param>
    /// <param name="output">Is cleared first.</param>
    public bool TryWrite(int index, uint stage, in RateLimitContext context, ByteWriter output)
    {
        // A key that could disable it is not looked at by a local limit: such a limit is for a service. So is one that counts afterwards.
        return _entries[index].DisableKey.Length == 0 && TryWriteAny(index, stage, context, output);
    }

    /// <summary>Runtime does not disable the limit at <paramref name="index"/> for this request.</summary>
    public bool IsEnabled(int index, RuntimeSnapshot runtime, RandomSource random)
        => _entries[index].Enabled is not { } enabled || runtime.IsEnabled(enabled, random.Next());

    /// <summary>Puts the limit that metadata asks for instead of the service's into a descriptor, if there is one.</summary>
    public void Override(int index, DynamicMetadata metadata, DescriptorMessage descriptor)
    {
        if (_entries[index].Override is not { } path) return;
        var requests = metadata.Find(path.Namespace, [.. path.Path, "requests_per_unit"]);
        if (requests.Kind != MetadataKind.Number) return;
        var count = (uint)Math.Clamp(requests.Number, 0, uint.MaxValue);
        var unit = metadata.Find(path.Namespace, [.. path.Path, "unit"]);
        if (unit.Kind == MetadataKind.Text && Units.TryGetValue(System.Text.Encoding.UTF8.GetString(unit.Text), out var known))
            descriptor.Limit = new DescriptorMessage.Types.RateLimitOverride { RequestsPerUnit = count, Unit = known };
    }

    /// <summary>Says in a descriptor how many requests this one counts for; false when that is no valid number: then the descriptor does not count.</summary>
    public bool TryAddHits(int index, in RateLimitContext context, DescriptorMessage descriptor)
    {
        if (_entries[index].Hits is not { } hits) return true;
        descriptor.HitsAddend = hits.Of(context);
        return descriptor.HitsAddend is not null;
    }

    /// <summary>How many requests this one counts for; null when that is no valid number: then the descriptor does not count.</summary>
    public ulong? HitsOf(int index, in RateLimitContext context) => _entries[index].Hits is { } hits ? hits.Of(context) : 1;

    /// <summary>As <see cref="TryWrite"/>, whether runtime could disable the limit or not.</summary>
    /// <param name="onDone">The request is over: only limits that count then are written, and else only the others.</param>
    public bool TryWriteAny(int index, uint stage, in RateLimitContext context, ByteWriter output, bool onDone = false)
    {
        var entry = _entries[index];
        output.Clear();
        if (entry.Stage != stage || entry.OnDone != onDone) return false;
        foreach (var action in entry.Actions)
        {
            if (!action.TryWrite(context, output)) return false;
        }

        return output.Length > 0;
    }

    /// <summary>For a person: what each entry gives the request.</summary>
    public IEnumerable<string> Describe(in RateLimitContext context)
    {
        var (lines, output) = (new List<string>(), new ByteWriter());
        foreach (var entry in _entries)
        {
            output.Clear();
            var isWritten = true;
            foreach (var action in entry.Actions) isWritten = isWritten && action.TryWrite(context, output);
            var text = isWritten && output.Length > 0 ? RateLimitDescriptor.Describe(output.Written) : "no descriptor: an action finds nothing in the request";
            lines.Add($"stage {entry.Stage}: {text}{(entry.DisableKey.Length > 0 ? $" (disable_key {entry.DisableKey})" : "")}{(entry.OnDone ? " (when the request is over)" : "")}");
        }

        return lines;
    }

    /// <summary>For a person: what those of a filter, which count instead of those of the route, give a request.</summary>
    public IReadOnlyList<string> Explain(in MatchData request)
    {
        if (request is not { Info: { } info, RequestHeaders: { } headers }) return [];
        var cluster = info.Route?.Forward?.SelectCluster(new RouteRequest(headers, info, request.Runtime))?.Name ?? "";
        return [.. Describe(new RateLimitContext(headers, info, cluster)).Select(static line => $"limit, not by the route: {line}")];
    }

    private static RateLimitAction[] Actions(RateLimit limit, FactoryContext context) => [.. limit.Actions.Select(action => Compile(action, context)).OfType<RateLimitAction>()];

    private static RateLimitAction? Compile(ActionMessage action, FactoryContext context)
    {
        switch (action.ActionSpecifierCase)
        {
            case ActionCase.SourceCluster:
                return new RateLimitAction.Constant("source_cluster", context.Node.Cluster);
            case ActionCase.DestinationCluster:
                return new RateLimitAction.DestinationCluster();
            case ActionCase.RequestHeaders:
                return new RateLimitAction.RequestHeader(action.RequestHeaders.HeaderName, action.RequestHeaders.DescriptorKey, action.RequestHeaders.SkipIfAbsent);
            case ActionCase.RemoteAddress:
                return new RateLimitAction.RemoteAddress(null);
            case ActionCase.RemoteAddressMatch:
                return new RemoteAddressMatch(action.RemoteAddressMatch, context);
            case ActionCase.MaskedRemoteAddress:
                return new RateLimitAction.RemoteAddress(((int)(action.MaskedRemoteAddress.V4PrefixMaskLen ?? 32), (int)(action.MaskedRemoteAddress.V6PrefixMaskLen ?? 128)));
            case ActionCase.GenericKey:
                return new RateLimitAction.Constant(Or(action.GenericKey.DescriptorKey, "generic_key"), action.GenericKey.DescriptorValue);
            case ActionCase.HeaderValueMatch:
                var header = action.HeaderValueMatch;
                return new RateLimitAction.HeaderValueMatch(
                    Or(header.DescriptorKey, "header_match"), header.DescriptorValue, header.ExpectMatch ?? true, HeaderMatcher.Create(header.Headers, context.Config));
            case ActionCase.QueryParameters:
                return new RateLimitAction.QueryParameter(
                    action.QueryParameters.QueryParameterName, Or(action.QueryParameters.DescriptorKey, "query_param"), action.QueryParameters.SkipIfAbsent);
            case ActionCase.QueryParameterValueMatch:
                var query = action.QueryParameterValueMatch;
                return new RateLimitAction.QueryParameterValueMatch(
                    Or(query.DescriptorKey, "query_match"), query.DescriptorValue, query.ExpectMatch ?? true, QueryParameterMatcher.Create(query.QueryParameters, context.Config));
            case ActionCase.Metadata:
                return Metadata(action.Metadata.DescriptorKey, action.Metadata.MetadataKey, action.Metadata.DefaultValue, action.Metadata.SkipIfAbsent, action.Metadata.Source == MetadataSource.RouteEntry);
#pragma warning disable CS0612 // Deprecated in the API, but still in files.
            case ActionCase.DynamicMetadata:
                return Metadata(action.DynamicMetadata.DescriptorKey, action.DynamicMetadata.MetadataKey, action.DynamicMetadata.DefaultValue, skipIfAbsent: false, isOfRoute: false);
#pragma warning restore CS0612
            case ActionCase.Extension:
                return Extension(action.Extension, context);
            default:
                context.Config.Error(action, null, $"not implemented: rate limit action {action.ActionSpecifierCase}");
                return null;
        }
    }

    private static RateLimitAction Metadata(string key, MetadataKey? from, string defaultValue, bool skipIfAbsent, bool isOfRoute)
    {
        string[] path = [.. (from?.Path ?? []).Select(static segment => segment.Key)];
        return isOfRoute
            ? new RateLimitAction.RouteMetadataText(key, from?.Key ?? "", path, defaultValue, skipIfAbsent)
            : new RateLimitAction.DynamicMetadataText(key, from?.Key ?? "", path, defaultValue, skipIfAbsent);
    }

    /// <summary>An input of the matching API; the extension's name is the key.</summary>
    private static RateLimitAction.InputValue? Extension(TypedExtensionConfig extension, FactoryContext context)
    {
        if (context.Config.Unpack(extension.TypedConfig) is { } config && MatchInputRegistry.Create(config, MatchScope.Http) is { DataType: MatchInput.TextType } input)
            return new RateLimitAction.InputValue(extension.Name, input, context.Runtime);
        context.Config.Error(extension, "typed_config", $"Rate limit descriptor extension failed: {extension.Name}");
        return null;
    }

    private static string Or(string configured, string standard) => configured.Length > 0 ? configured : standard;
}
