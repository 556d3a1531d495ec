using BodyMode = Envoy.Extensions.Filters.Http.ExtProc.V3.ProcessingMode.Types.BodySendMode;
using HeaderMode = Envoy.Extensions.Filters.Http.ExtProc.V3.ProcessingMode.Types.HeaderSendMode;
using ModeMessage = Envoy.Extensions.Filters.Http.ExtProc.V3.ProcessingMode;

namespace Weft.Proxy.HttpFilters.ExtProc;

/// <summary>How the body of one direction is sent: not at all, piece by piece, each waiting for its answer, or whole.</summary>
internal enum SentBody : byte { None, Streamed, Buffered }

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

    private static SentBody Of(BodyMode mode) => mode switch
    {
        BodyMode.Buffered => SentBody.Buffered,
        BodyMode.Streamed => SentBody.Streamed,
        _ => SentBody.None,
    };
}
