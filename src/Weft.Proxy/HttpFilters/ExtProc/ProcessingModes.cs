using Envoy.Service.ExtProc.V3;
using Weft.Config;
using BodyMode = Envoy.Extensions.Filters.Http.ExtProc.V3.ProcessingMode.Types.BodySendMode;
using HeaderMode = Envoy.Extensions.Filters.Http.ExtProc.V3.ProcessingMode.Types.HeaderSendMode;
using ModeMessage = Envoy.Extensions.Filters.Http.ExtProc.V3.ProcessingMode;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>
/// How the body of one direction is sent: not at all; piece by piece, each waiting for its answer; whole; as much of it as there is room for; or piece by piece
/// without waiting, and what the processor sends is the body.
/// </summary>
internal enum SentBody : byte { None, Streamed, Buffered, BufferedPartial, FullDuplex }

/// <summary>What of one direction the processor is sent. By default the head alone.</summary>
/// <param name="Head">The headers.</param>
/// <param name="Body">The body.</param>
/// <param name="Trailers">The trailers, where there are any.</param>
internal readonly record struct DirectionMode(bool Head, SentBody Body, bool Trailers);

/// <summary>ProcessingMode: what the processor is sent. Immutable.</summary>
internal readonly record struct ProcessingModes(DirectionMode Request, DirectionMode Response)
{
    public static ProcessingModes Of(ModeMessage? mode) => new(
        new DirectionMode(mode?.RequestHeaderMode != HeaderMode.Skip, Of(mode?.RequestBodyMode ?? BodyMode.None), mode?.RequestTrailerMode == HeaderMode.Send),
        new DirectionMode(mode?.ResponseHeaderMode != HeaderMode.Skip, Of(mode?.ResponseBodyMode ?? BodyMode.None), mode?.ResponseTrailerMode == HeaderMode.Send));

    /// <summary>The processor has the body of one direction to itself.</summary>
    public bool HasDuplex => Request.Body == SentBody.FullDuplex || Response.Body == SentBody.FullDuplex;

    /// <summary>What the processor is told of them.</summary>
    public ProtocolConfiguration ToMessage() => new() { RequestBodyMode = ToMessage(Request.Body), ResponseBodyMode = ToMessage(Response.Body) };

    /// <summary>Reports what does not fit together.</summary>
    public static void Check(ModeMessage? mode, ConfigContext context)
    {
        if (mode is { RequestBodyMode: BodyMode.FullDuplexStreamed, RequestTrailerMode: not HeaderMode.Send })
            context.Error(mode, "request_trailer_mode", "If the ext_proc filter has the request_body_mode set to FULL_DUPLEX_STREAMED, then the request_trailer_mode has to be set to SEND");
        if (mode is { ResponseBodyMode: BodyMode.FullDuplexStreamed, ResponseTrailerMode: not HeaderMode.Send })
            context.Error(mode, "response_trailer_mode", "If the ext_proc filter has the response_body_mode set to FULL_DUPLEX_STREAMED, then the response_trailer_mode has to be set to SEND");
    }

    private static BodyMode ToMessage(SentBody body) => body switch
    {
        SentBody.Buffered => BodyMode.Buffered,
        SentBody.Streamed => BodyMode.Streamed,
        SentBody.BufferedPartial => BodyMode.BufferedPartial,
        SentBody.FullDuplex => BodyMode.FullDuplexStreamed,
        _ => BodyMode.None,
    };

    private static SentBody Of(BodyMode mode) => mode switch
    {
        BodyMode.Buffered => SentBody.Buffered,
        BodyMode.Streamed => SentBody.Streamed,
        BodyMode.BufferedPartial => SentBody.BufferedPartial,
        BodyMode.FullDuplexStreamed => SentBody.FullDuplex,
        _ => SentBody.None,
    };
}
