using System.Text;
using Envoy.Service.Auth.V3;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;
using Action = Envoy.Config.Core.V3.HeaderValueOption.Types.HeaderAppendAction;
using HeaderOption = Envoy.Config.Core.V3.HeaderValueOption;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>Asks a service by gRPC (envoy.service.auth.v3.Authorization). One worker.</summary>
internal sealed class GrpcAuthzClient : IAuthzClient, IGrpcUnaryHandler
{
    private readonly ExtAuthzConfig _config;
    private readonly Action<AuthzVerdict> _onVerdict;
    private readonly GrpcUnaryCall _call;

    public GrpcAuthzClient(ExtAuthzConfig config, Worker worker, Action<AuthzVerdict> onVerdict)
    {
        (_config, _onVerdict) = (config, onVerdict);
        _call = new GrpcUnaryCall(config.Grpc!, worker, this);
    }

    public void Start(in AuthzQuestion question) => _call.Start(CheckRequests.Create(question, _config), _config.TimeoutMs);

    public void Cancel() => _call.Cancel();

    void IGrpcUnaryHandler.OnUnaryEnd(int status, ReadOnlySpan<byte> message) => _onVerdict(VerdictOf(status, message));

    /// <summary>What an answer of a service means.</summary>
    /// <param name="status">Of the call; 0: it was answered.</param>
    /// <param name="message">A CheckResponse.</param>
    public static AuthzVerdict VerdictOf(int status, ReadOnlySpan<byte> message)
        => status == 0 && TryParse(message) is { } response ? Read(response) : AuthzVerdict.Error;

    private static CheckResponse? TryParse(ReadOnlySpan<byte> message)
    {
        try
        {
            return CheckResponse.Parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static AuthzVerdict Read(CheckResponse response)
    {
        var isOk = (response.Status?.Code ?? 0) == 0;
        var verdict = new AuthzVerdict(isOk ? AuthzStatus.Ok : AuthzStatus.Denied) { Metadata = response.DynamicMetadata };
        if (response.OkResponse is { } ok)
        {
#pragma warning disable CS0612 // Deprecated in the API; while it is there, it counts.
            verdict.Metadata = ok.DynamicMetadata ?? verdict.Metadata;
#pragma warning restore CS0612
            if (isOk) Read(ok, verdict);
        }

        if (isOk || response.DeniedResponse is not { } denied) return verdict;
        ReadHeaders(denied.Headers, verdict);
        if (denied.Status is { } status && status.Code > 0) verdict.ResponseStatus = (int)status.Code;
        verdict.Body = Encoding.UTF8.GetBytes(denied.Body);
        return verdict;
    }

    private static void Read(OkHttpResponse ok, AuthzVerdict verdict)
    {
        ReadHeaders(ok.Headers, verdict);
        foreach (var option in ok.ResponseHeadersToAdd)
        {
            if (!TryRead(option, verdict, out var header)) continue;
            (AppendOf(option) is { } append ? (append ? verdict.ResponseAdded : verdict.ResponseSet) : ListOf(option.AppendAction, verdict)).Add(header);
        }

        verdict.Removed.AddRange(ok.HeadersToRemove);
        foreach (var parameter in ok.QueryParametersToSet) verdict.ParametersSet.Add((parameter.Key, parameter.Value));
        verdict.ParametersRemoved.AddRange(ok.QueryParametersToRemove);
    }

    private static List<AuthzHeader> ListOf(Action action, AuthzVerdict verdict) => action switch
    {
        Action.AddIfAbsent => verdict.ResponseAddedIfAbsent,
        Action.OverwriteIfExists => verdict.ResponseSetIfPresent,
        Action.OverwriteIfExistsOrAdd => verdict.ResponseSet,
        _ => verdict.ResponseAdded,
    };

    private static void ReadHeaders(RepeatedField<HeaderOption> options, AuthzVerdict verdict)
    {
        foreach (var option in options)
        {
            if (TryRead(option, verdict, out var header)) ((AppendOf(option) ?? false) ? verdict.Appended : verdict.Set).Add(header);
        }
    }

#pragma warning disable CS0612 // Deprecated in the API; services still say it.
    private static bool? AppendOf(HeaderOption option) => option.Append;
#pragma warning restore CS0612

    private static bool TryRead(HeaderOption option, AuthzVerdict verdict, out AuthzHeader header)
    {
        header = default;
        if (option.Header is null || !ServiceHeaders.TryRead(option.Header, out var name, out var value))
        {
            verdict.IsInvalid = true;
            return false;
        }

        header = new AuthzHeader(name, value);
        return true;
    }
}
