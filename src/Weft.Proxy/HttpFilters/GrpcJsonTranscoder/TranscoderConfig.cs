using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;
using TranscoderMessage = Envoy.Extensions.Filters.Http.GrpcJsonTranscoder.V3.GrpcJsonTranscoder;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <summary>GrpcJsonTranscoder of a filter or a route, with the API that it was given. Immutable, shared by all workers.</summary>
internal sealed class TranscoderConfig : FilterRouteConfig
{
    private readonly HashSet<string> _ignoredParameters;

    private TranscoderConfig(TranscoderMessage source, MessageTypes types, HttpRuleTable rules)
    {
        Types = types;
        Rules = rules;
        Print = PrintOptions.Of(source.PrintOptions);
        UnescapeSpec = source.UrlUnescapeSpec;
        PlusIsSpace = source.QueryParamUnescapePlus;
        KeepsRoute = source.MatchIncomingRequestRoute;
        IgnoresUnknownParameters = source.IgnoreUnknownQueryParameters;
        RejectsUnknownMethods = source.RequestValidationOptions?.RejectUnknownMethod ?? false;
        RejectsUnknownParameters = source.RequestValidationOptions?.RejectUnknownQueryParameters ?? false;
        IgnoresEnumCase = source.CaseInsensitiveEnumParsing;
        ConvertsStatus = source.ConvertGrpcStatus;
        MaxRequestBytes = (int?)Math.Min(source.MaxRequestBodySize ?? 0, int.MaxValue) is > 0 and var request ? request : null;
        MaxResponseBytes = (int?)Math.Min(source.MaxResponseBodySize ?? 0, int.MaxValue) is > 0 and var response ? response : null;
        IsDisabled = source.Services.Count == 0;
        _ignoredParameters = [.. source.IgnoredQueryParameters];
    }

    public MessageTypes Types { get; }

    public HttpRuleTable Rules { get; }

    public PrintOptions Print { get; }

    /// <summary>url_unescape_spec: what is decoded in variables that may hold slashes.</summary>
    public TranscoderMessage.Types.UrlUnescapeSpec UnescapeSpec { get; }

    /// <summary>query_param_unescape_plus.</summary>
    public bool PlusIsSpace { get; }

    /// <summary>match_incoming_request_route: the route is that of the request as it came, not of the call that it becomes.</summary>
    public bool KeepsRoute { get; }

    /// <summary>ignore_unknown_query_parameters.</summary>
    public bool IgnoresUnknownParameters { get; }

    /// <summary>request_validation_options.reject_unknown_method: such requests get 404 instead of being passed on as they are.</summary>
    public bool RejectsUnknownMethods { get; }

    /// <summary>request_validation_options.reject_unknown_query_parameters: such requests get 400 instead of being passed on as they are.</summary>
    public bool RejectsUnknownParameters { get; }

    /// <summary>case_insensitive_enum_parsing.</summary>
    public bool IgnoresEnumCase { get; }

    /// <summary>convert_grpc_status: a call that failed without a message is answered with its status as JSON.</summary>
    public bool ConvertsStatus { get; }

    /// <summary>max_request_body_size; null: the stream's own limit.</summary>
    public int? MaxRequestBytes { get; }

    /// <summary>max_response_body_size; null: the stream's own limit.</summary>
    public int? MaxResponseBytes { get; }

    /// <summary>There are no services: nothing is transcoded.</summary>
    public bool IsDisabled { get; }

    /// <summary>ignored_query_parameters.</summary>
    public bool IsIgnored(string parameter) => _ignoredParameters.Contains(parameter);

    /// <summary>Validates and compiles; null, with findings, when it cannot be used.</summary>
    public static TranscoderConfig? Create(TranscoderMessage source, FactoryContext context)
    {
        if (ReadTypes(source, context) is not { } types) return null;
        var rules = new List<TranscodingRule>();
        for (var i = 0; i < source.Services.Count; i++)
        {
            var error = types.FindService(source.Services[i]) is { } service
                ? TranscodingRules.Add(types, service, source.AutoMapping, rules)
                : $"transcoding_filter: Could not find '{source.Services[i]}' in the proto descriptor";
            if (error is null) continue;
            context.Config.Error(source, $"services[{i}]", error);
            return null;
        }

        return new TranscoderConfig(source, types, new HttpRuleTable(rules, source.MatchUnregisteredCustomVerb));
    }

    private static MessageTypes? ReadTypes(TranscoderMessage source, FactoryContext context)
    {
        var isFile = source.DescriptorSetCase == TranscoderMessage.DescriptorSetOneofCase.ProtoDescriptor;
        byte[]? set = null;
        try
        {
            set = source.Services.Count == 0 ? [] : isFile ? File.ReadAllBytes(source.ProtoDescriptor) : source.ProtoDescriptorBin.ToByteArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            context.Config.Error(source, "proto_descriptor", $"unable to read file: {source.ProtoDescriptor}: {error.Message}");
        }

        if (set is null) return null;
        if (MessageTypes.Read(set) is { } types) return types;
        context.Config.Error(source, isFile ? "proto_descriptor" : "proto_descriptor_bin", "transcoding_filter: Unable to parse proto descriptor");
        return null;
    }
}
