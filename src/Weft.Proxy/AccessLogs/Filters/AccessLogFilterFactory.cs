using Envoy.Config.Accesslog.V3;
using Envoy.Extensions.AccessLoggers.Filters.Cel.V3;
using Envoy.Type.V3;
using Weft.Config;
using Weft.Proxy.Expressions;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using FilterCase = Envoy.Config.Accesslog.V3.AccessLogFilter.FilterSpecifierOneofCase;
using FilterConfig = Envoy.Config.Accesslog.V3.AccessLogFilter;

namespace Weft.Proxy.AccessLogs.Filters;

/// <summary>Makes filters from their messages. Main thread.</summary>
internal sealed class AccessLogFilterFactory(ConfigContext context, RuntimeLayers? runtime)
{
    /// <summary>A filter; after a fault, which is reported, one that lets everything pass.</summary>
    public AccessLogFilter Create(FilterConfig config)
    {
        switch (config.FilterSpecifierCase)
        {
            case FilterCase.StatusCodeFilter:
                return new StatusCodeFilter(Compare(config.StatusCodeFilter.Comparison, config.StatusCodeFilter));
            case FilterCase.DurationFilter:
                return new DurationFilter(Compare(config.DurationFilter.Comparison, config.DurationFilter));
            case FilterCase.NotHealthCheckFilter:
                return new NotHealthCheckFilter();
            case FilterCase.TraceableFilter:
                return new TraceableFilter();
            case FilterCase.RuntimeFilter:
                return CreateRuntime(config.RuntimeFilter);
            case FilterCase.AndFilter:
                return new AndFilter(CreateAll(config.AndFilter.Filters, config.AndFilter));
            case FilterCase.OrFilter:
                return new OrFilter(CreateAll(config.OrFilter.Filters, config.OrFilter));
            case FilterCase.HeaderFilter:
                return CreateHeader(config.HeaderFilter);
            case FilterCase.ResponseFlagFilter:
                return CreateResponseFlags(config.ResponseFlagFilter);
            case FilterCase.GrpcStatusFilter:
                return new GrpcStatusFilter(config.GrpcStatusFilter.Statuses.Aggregate(0UL, (bits, status) => bits | (1UL << (int)status)), config.GrpcStatusFilter.Exclude);
            case FilterCase.MetadataFilter:
                return new MetadataFilter(config.MetadataFilter, context);
            case FilterCase.LogTypeFilter:
                return new LogTypeFilter([.. config.LogTypeFilter.Types_], config.LogTypeFilter.Exclude);
            case FilterCase.ExtensionFilter:
                return CreateExtension(config);
            default:
                context.Error(config, null, "an access log filter needs one of its kinds");
                return new ConstantFilter(true);
        }
    }

    private AccessLogFilter[] CreateAll(Google.Protobuf.Collections.RepeatedField<FilterConfig> configs, Google.Protobuf.IMessage at)
    {
        if (configs.Count < 2)
            context.Error(at, "filters", "at least two filters are needed");
        return [.. configs.Select(Create)];
    }

    private Comparison Compare(ComparisonFilter? comparison, Google.Protobuf.IMessage at)
    {
        if (comparison is null)
            context.Error(at, "comparison", "a comparison is needed");
        return new Comparison(comparison ?? new ComparisonFilter(), runtime);
    }

    private RuntimeFilter CreateRuntime(Envoy.Config.Accesslog.V3.RuntimeFilter config)
    {
        var share = RuntimeFraction.From(config.PercentSampled ?? new FractionalPercent(), config.RuntimeKey);
        return new RuntimeFilter(share, config.UseIndependentRandomness, runtime);
    }

    private AccessLogFilter CreateHeader(Envoy.Config.Accesslog.V3.HeaderFilter config)
    {
        if (config.Header is not null)
            return new HeaderFilter(HeaderMatcher.Create(config.Header, context));
        context.Error(config, "header", "a header matcher is needed");
        return new ConstantFilter(true);
    }

    private AccessLogFilter CreateExtension(FilterConfig config)
    {
        if (config.ExtensionFilter.TypedConfig?.Is(ExpressionFilter.Descriptor) != true)
        {
            context.Error(config, "extension_filter", $"access log filter '{config.ExtensionFilter.Name}' is not implemented");
            return new ConstantFilter(true);
        }

        return context.Unpack<ExpressionFilter>(config.ExtensionFilter.TypedConfig) is { } filter
            && CelExpression.Parse(filter.Expression, context, filter, "expression") is { } expression
            ? new CelFilter(expression)
            : new ConstantFilter(true);
    }

    private ResponseFlagFilter CreateResponseFlags(Envoy.Config.Accesslog.V3.ResponseFlagFilter config)
    {
        var flags = ResponseFlags.None;
        foreach (var name in config.Flags)
        {
            var flag = ResponseFlagNames.Find(name);
            if (flag == ResponseFlags.None)
                context.Error(config, "flags", $"unknown response flag '{name}'; there are {string.Join(", ", ResponseFlagNames.ShortNames)}");
            flags |= flag;
        }

        return new ResponseFlagFilter(flags);
    }
}
