using Weft.Observe.Logs;
using Weft.Observe.Serving;
using Weft.Observe.Traces.Otlp;
using Weft.Observe.Traces.Zipkin;

namespace Weft.Observe.Api;

/// <summary>Takes spans and logs that are posted. A body is taken whole or not at all. Loop thread.</summary>
internal sealed class Collectors(Observer observer)
{
    public HttpAnswer ZipkinV2(HttpCall call)
    {
        observer.AddSpans(IsProtobuf(call) ? ZipkinProtoReader.Read(call.Body) : ZipkinJsonReader.Read(call.Body));
        return HttpAnswer.Empty(202);
    }

    public HttpAnswer ZipkinV1(HttpCall call)
    {
        observer.AddSpans(ZipkinV1Reader.Read(call.Body));
        return HttpAnswer.Empty(202);
    }

    public HttpAnswer Otlp(HttpCall call)
    {
        observer.AddSpans(IsProtobuf(call) ? OtlpReader.Read(call.Body.Span) : OtlpJsonReader.Read(call.Body));
        return Taken(call);
    }

    public HttpAnswer OtlpLogs(HttpCall call)
    {
        if (!IsProtobuf(call))
            return HttpAnswer.Text(415, "logs are taken as protobuf");
        foreach (var (source, text) in OtlpLogReader.Read(call.Body.Span))
            observer.AddLog(source, text);
        return Taken(call);
    }

    /// <summary>Everything was taken: an empty answer of the kind that was sent.</summary>
    private static HttpAnswer Taken(HttpCall call) => IsProtobuf(call) ? new HttpAnswer(200, "application/x-protobuf", default) : HttpAnswer.Json("{}"u8.ToArray());

    private static bool IsProtobuf(HttpCall call) => call.ContentType.StartsWith("application/x-protobuf", StringComparison.OrdinalIgnoreCase);
}

/// <summary>OTLP's traces by gRPC.</summary>
internal sealed class OtlpTracesCall(Observer observer) : GrpcCall
{
    public override string? Take(ReadOnlySpan<byte> message)
    {
        try
        {
            observer.AddSpans(OtlpReader.Read(message));
            return null;
        }
        catch (BadInputException e)
        {
            observer.Malformed++;
            return e.Message;
        }
    }
}

/// <summary>OTLP's logs by gRPC.</summary>
internal sealed class OtlpLogsCall(Observer observer) : GrpcCall
{
    public override string? Take(ReadOnlySpan<byte> message)
    {
        try
        {
            foreach (var (source, text) in OtlpLogReader.Read(message))
                observer.AddLog(source, text);
            return null;
        }
        catch (BadInputException e)
        {
            observer.Malformed++;
            return e.Message;
        }
    }
}
