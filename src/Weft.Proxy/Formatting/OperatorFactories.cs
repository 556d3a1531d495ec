using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Expressions;
using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Formatting;

/// <summary>Makes the operators that take parameters.</summary>
internal static class OperatorFactories
{
    private const OperatorSyntax HeaderSyntax = OperatorSyntax.ParametersRequired | OperatorSyntax.LengthAllowed;

    public static void AddTo(Dictionary<string, OperatorKind> kinds)
    {
        kinds.Add("REQ", Header(HeaderSource.Request));
        kinds.Add("RESP", Header(HeaderSource.Response));
        kinds.Add("TRAILER", Header(HeaderSource.ResponseTrailer));
        kinds.Add("STREAM_INFO_REQ", Header(HeaderSource.Request));
        kinds.Add("XFCC_VALUE", new OperatorKind(OperatorSyntax.ParametersOptional | OperatorSyntax.LengthAllowed, XfccValue));
        kinds.Add("REQ_WITHOUT_QUERY", Header(HeaderSource.Request, withoutQuery: true));
        kinds.Add("RESPONSE_CODE_DETAILS", new OperatorKind(OperatorSyntax.ParametersOptional, Details));
        kinds.Add("START_TIME", Time(isNow: false, isLocal: false));
        kinds.Add("START_TIME_LOCAL", Time(isNow: false, isLocal: true));
        kinds.Add("EMIT_TIME", Time(isNow: true, isLocal: false));
        kinds.Add("EMIT_TIME_LOCAL", Time(isNow: true, isLocal: true));
        kinds.Add("COMMON_DURATION", new OperatorKind(OperatorSyntax.ParametersRequired, CommonDuration));
        kinds.Add("ENVIRONMENT", new OperatorKind(HeaderSyntax, Variable));
        kinds.Add("PATH", new OperatorKind(OperatorSyntax.ParametersOptional | OperatorSyntax.LengthAllowed, Path));
        kinds.Add("QUERY_PARAM", new OperatorKind(HeaderSyntax, QueryParameter));
        kinds.Add("GRPC_STATUS", new OperatorKind(OperatorSyntax.ParametersOptional, GrpcStatus));
        kinds.Add("GRPC_STATUS_NUMBER", OperatorKind.Of(new GrpcStatusOperator(GrpcStatusStyle.Number)));
        kinds.Add("CLUSTER_METADATA", Metadata(static info => info.UpstreamCluster?.Metadata));
        kinds.Add("UPSTREAM_METADATA", Metadata(static info => info.UpstreamEndpoint?.Metadata));
        kinds.Add("DYNAMIC_METADATA", new OperatorKind(HeaderSyntax, DynamicMetadata));
        kinds.Add("FILTER_STATE", new OperatorKind(HeaderSyntax, FilterStateOperator.Factory(isUpstream: false)));
        kinds.Add("UPSTREAM_FILTER_STATE", new OperatorKind(HeaderSyntax, FilterStateOperator.Factory(isUpstream: true)));
        kinds.Add("METADATA", new OperatorKind(HeaderSyntax, AnyMetadata));
        kinds.Add("CEL", Cel(isTyped: false));
        kinds.Add("TYPED_CEL", Cel(isTyped: true));
    }

    private static OperatorKind Header(HeaderSource source, bool withoutQuery = false) => new(HeaderSyntax, (OperatorText text, out string error) =>
    {
        var names = text.Parameters.Split('?');
        error = names.Length > 2 ? $"More than 1 alternative header specified in token: {text.Parameters}"
            : names.All(IsHeaderName) ? ""
            : "Invalid header configuration. Format string contains invalid characters.";
        if (error.Length > 0)
            return null;
        HeaderName? other = names.Length == 2 && names[1].Length > 0 ? new HeaderName(names[1]) : null;
        return new HeaderOperator(source, new HeaderName(names[0]), other, text.MaxLength, withoutQuery);
    });

    private static XfccValueOperator? XfccValue(OperatorText text, out string error)
    {
        var key = text.Parameters.ToLowerInvariant();
        error = key.Length == 0 ? "XFCC_VALUE command requires a subcommand"
            : !XfccValueOperator.Keys.Contains(key) ? $"XFCC_VALUE command does not support subcommand: {key}"
            : "";
        return error.Length > 0 ? null : new XfccValueOperator(key, text.MaxLength);
    }

    private static FormatOperator Details(OperatorText text, out string error)
    {
        error = "";
        return text.Parameters == "ALLOW_WHITESPACES"
            ? new TextOperator(static (in FormatContext context, ByteWriter output) => TextSources.Write(context.Info.ResponseCodeDetails, output))
            : new TextOperator(static (in FormatContext context, ByteWriter output) => TextSources.WriteWithoutSpaces(context.Info.ResponseCodeDetails, output));
    }

    private static OperatorKind Time(bool isNow, bool isLocal) => new(OperatorSyntax.ParametersOptional, (OperatorText text, out string error) =>
    {
        error = "";
        var format = text.Parameters.Length > 0 ? TimeFormat.Parse(text.Parameters, out error) : isLocal ? TimeFormat.DefaultLocal : TimeFormat.DefaultUtc;
        return format is null ? null : new TimeOperator(format, isNow, isLocal);
    });

    private static DurationOperator? CommonDuration(OperatorText text, out string error)
    {
        var parts = text.Parameters.Split(':');
        (error, var multiplier, var divisor) = parts.Length is < 2 or > 3
            ? ($"Invalid common duration configuration: {text.Parameters}.", 0, 0)
            : parts.ElementAtOrDefault(2) switch
            {
                null or "ms" => ("", 1, 1000),
                "us" => ("", 1, 1),
                "ns" => ("", 1000, 1),
                var precision => ($"Invalid common duration precision: {precision}.", 0, 0),
            };
        if (error.Length > 0)
            return null;
        if (DurationOperator.FindMoment(parts[0]) is { } start && DurationOperator.FindMoment(parts[1]) is { } end)
            return new DurationOperator(start, end, multiplier, divisor);
        error = $"unknown time point in COMMON_DURATION({text.Parameters}); there are DS_RX_BEG, DS_RX_END, US_CX_BEG, US_CX_END, US_HS_END, US_TX_BEG, US_TX_END, US_RX_BEG, US_RX_END, DS_TX_BEG, DS_TX_END";
        return null;
    }

    private static ConstantOperator Variable(OperatorText text, out string error)
    {
        error = "";
        var value = Environment.GetEnvironmentVariable(text.Parameters) ?? "-";
        return new ConstantOperator(value.Length > text.MaxLength ? value[..text.MaxLength] : value);
    }

    private static PathOperator? Path(OperatorText text, out string error)
    {
        var parts = text.Parameters.Split(':', 2);
        var choice = parts.ElementAtOrDefault(1) switch
        {
            null or "" or "ORIG_OR_PATH" => PathChoice.OriginalOrPath,
            "ORIG" => PathChoice.Original,
            "PATH" => PathChoice.Path,
            _ => (PathChoice?)null,
        };
        error = parts[0] is not ("" or "WQ" or "NQ") ? $"Invalid PATH option: '{parts[0]}', only 'WQ'/'NQ' are allowed"
            : choice is null ? $"Invalid PATH option: '{parts[1]}', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed"
            : "";
        return error.Length > 0 ? null : new PathOperator(choice!.Value, withQuery: parts[0] != "NQ", text.MaxLength);
    }

    private static QueryParameterOperator QueryParameter(OperatorText text, out string error)
    {
        error = "";
        return new QueryParameterOperator(text.Parameters, text.MaxLength);
    }

    private static GrpcStatusOperator? GrpcStatus(OperatorText text, out string error)
    {
        GrpcStatusStyle? style = text.Parameters switch
        {
            "" or "CAMEL_STRING" => GrpcStatusStyle.Camel,
            "SNAKE_STRING" => GrpcStatusStyle.Snake,
            "NUMBER" => GrpcStatusStyle.Number,
            _ => null,
        };
        error = style is null ? "GrpcStatusFormatter only supports CAMEL_STRING, SNAKE_STRING or NUMBER." : "";
        return style is null ? null : new GrpcStatusOperator(style.Value);
    }

    private static OperatorKind Metadata(MetadataSource source) => new(HeaderSyntax, (OperatorText text, out string error) =>
    {
        error = "";
        var parts = text.Parameters.Split(':');
        return new MetadataOperator(source, parts[0], parts[1..], text.MaxLength);
    });

    private static DynamicMetadataOperator DynamicMetadata(OperatorText text, out string error)
    {
        error = "";
        var parts = text.Parameters.Split(':');
        return new DynamicMetadataOperator(parts[0], parts[1..], text.MaxLength);
    }

    private static OperatorKind Cel(bool isTyped) => new(HeaderSyntax, (OperatorText text, out string error) =>
    {
        var expression = CelExpression.Parse(text.Parameters, out var fault);
        error = $"Not able to parse expression: {fault}";
        return expression is null ? null : new CelOperator(expression, text.MaxLength, isTyped);
    });

    /// <summary>METADATA(TYPE:namespace:key).</summary>
    private static FormatOperator? AnyMetadata(OperatorText text, out string error)
    {
        var parts = text.Parameters.Split(':');
        var path = parts.Length > 2 ? parts[2..] : [];
        var name = parts.ElementAtOrDefault(1) ?? "";
        error = "";
        if (parts[0] == "DYNAMIC")
            return new DynamicMetadataOperator(name, path, text.MaxLength);
        if (MetadataOf(parts[0]) is { } source)
            return new MetadataOperator(source, name, path, text.MaxLength);
        error = $"{parts[0]} is not supported type of metadata";
        return null;
    }

    private static MetadataSource? MetadataOf(string kind) => kind switch
    {
        "CLUSTER" => static info => info.UpstreamCluster?.Metadata,
        "UPSTREAM_HOST" => static info => info.UpstreamEndpoint?.Metadata,
        "ROUTE" => static info => info.Route?.Metadata,
        "VIRTUAL_HOST" => static info => info.VirtualHost?.Metadata,
        "LISTENER" => static info => info.Listener?.Metadata,
        "LISTENER_FILTER_CHAIN" => static info => info.FilterChain?.Metadata,
        _ => null,
    };

    /// <summary>A token as RFC 9110 section 5.6.2 has it, with the colon of pseudo-headers.</summary>
    private static bool IsHeaderName(string name) =>
        name.All(character => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~:".Contains(character, StringComparison.Ordinal));
}
