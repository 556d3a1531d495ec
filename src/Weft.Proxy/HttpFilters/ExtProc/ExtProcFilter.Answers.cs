using Envoy.Service.ExtProc.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using AnswerCase = Envoy.Service.ExtProc.V3.ProcessingResponse.ResponseOneofCase;
using RouteCacheAction = Envoy.Extensions.Filters.Http.ExtProc.V3.ExternalProcessor.Types.RouteCacheAction;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <content>What the processor's answers do.</content>
internal sealed partial class ExtProcFilter
{
    void IGrpcStreamHandler.OnMessage(ReadOnlySpan<byte> message)
    {
        if (IsDone)
            return;
        ProcessingResponse answer;
        try
        {
            answer = ProcessingResponse.Parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            OnError(Internal, "a message cannot be read");
            return;
        }

        if (answer.OverrideMessageTimeout is { } timeout)
            Extend(timeout);
        else
            Take(answer);
    }

    /// <summary>The answer to a request's head or body may change what routes are matched by.</summary>
    public void ClearRouteCache(CommonResponse answer)
    {
        if (_factory.IsUpstream)
        {
            if (answer.ClearRouteCache) Stats.ClearRouteCacheUpstreamIgnored.Inc();
        }
        else if (answer.HeaderMutation is null)
        {
            if (answer.ClearRouteCache) Stats.ClearRouteCacheIgnored.Inc();
        }
        else if (Config.RouteCache == RouteCacheAction.Clear || (Config.RouteCache == RouteCacheAction.Default && answer.ClearRouteCache))
        {
            Stream.ClearRouteCache();
        }
        else if (Config.RouteCache == RouteCacheAction.Retain && answer.ClearRouteCache)
        {
            Stats.ClearRouteCacheDisabled.Inc();
        }
    }

    /// <summary>override_message_timeout: more time for the answer that is waited for.</summary>
    private void Extend(Duration timeout)
    {
        var ms = timeout.ToMs(0);
        if (ms >= 1 && ms <= Config.MaxMessageTimeoutMs && (_request.TryExtend(ms) | _response.TryExtend(ms)))
            Stats.TimeoutsOverridden.Inc();
        else
            Stats.TimeoutsNotOverridden.Inc();
    }

    private void Take(ProcessingResponse answer)
    {
        OverrideModes(answer);
        KeepMetadata(answer.DynamicMetadata);
        var isSpurious = false;
        var fault = answer.ResponseCase switch
        {
            AnswerCase.RequestHeaders when _request.Wait == ProcessorWait.Head => _request.OnHeadAnswer(answer.RequestHeaders.Response ?? new CommonResponse()),
            AnswerCase.ResponseHeaders when _response.Wait == ProcessorWait.Head => _response.OnHeadAnswer(answer.ResponseHeaders.Response ?? new CommonResponse()),
            AnswerCase.RequestBody when _request.TakesBody(answer.RequestBody) => _request.OnBodyAnswer(answer.RequestBody.Response ?? new CommonResponse()),
            AnswerCase.ResponseBody when _response.TakesBody(answer.ResponseBody) => _response.OnBodyAnswer(answer.ResponseBody.Response ?? new CommonResponse()),
            AnswerCase.RequestTrailers when _request.TakesTrailers => _request.OnTrailersAnswer(answer.RequestTrailers),
            AnswerCase.ResponseTrailers when _response.TakesTrailers => _response.OnTrailersAnswer(answer.ResponseTrailers),
            AnswerCase.ImmediateResponse when !Config.DisableImmediateResponse => Reply(answer.ImmediateResponse),
            _ => Spurious(out isSpurious),
        };
        if (!isSpurious)
            Stats.MessagesReceived.Inc();
        if (fault is not null)
            Reply(Config.StatusOnError, [], WithoutSpaces(fault));
    }

    /// <summary>An answer to nothing: a processor that is mistaken is not asked again.</summary>
    private string? Spurious(out bool isSpurious)
    {
        isSpurious = true;
        Stats.SpuriousMessages.Inc();
        if (!MayFailOpen)
            return "spurious message";
        Stats.FailureModeAllowed.Inc();
        Finish();
        return null;
    }

    private void OverrideModes(ProcessingResponse answer)
    {
        if (!Config.AllowModeOverride || Config.Modes.HasDuplex || answer.ModeOverride is not { } mode || (_request.Wait != ProcessorWait.Head && _response.Wait != ProcessorWait.Head))
            return;
        var modes = ProcessingModes.Of(mode);
        // What of a body is held here already has no place in such an exchange.
        if (modes.HasDuplex)
            return;
        _settings = _settings with { Modes = modes };
        if (_request.Wait == ProcessorWait.Head)
            _request.Use(modes.Request);
        if (_response.Wait == ProcessorWait.Head)
            _response.Use(modes.Response);
    }

    private void KeepMetadata(Struct? metadata)
    {
        foreach (var name in _settings.ReceivedNamespaces)
        {
            if (metadata?.Fields.TryGetValue(name, out var value) == true && value.StructValue is { } fields)
                Stream.Info.DynamicMetadata.Replace(name, fields);
        }
    }

    private string? Reply(ImmediateResponse answer)
    {
        _replyMutation = answer.Headers;
        if (answer.GrpcStatus is { } status)
            Stream.LocalReplyHeaders.Set(KnownHeader.GrpcStatus, status.Status);
        Reply(answer.Status is { Code: >= (Envoy.Type.V3.StatusCode)200 } given ? (int)given.Code : 200, answer.Body.Span, WithoutSpaces(answer.Details));
        return null;
    }
}
