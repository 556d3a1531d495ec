using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Envoy.Service.Status.V3;
using Google.Protobuf;

namespace Weft.XdsServer;

/// <summary>Asks a management server how its clients stand (CSDS), over HTTP/2 without TLS.</summary>
internal static class ClientStatusQuery
{
    private const int FrameHeadBytes = 5;
    private const int TimeoutSeconds = 10;

    /// <exception cref="HttpRequestException">The server cannot be reached, or does not answer so.</exception>
    /// <exception cref="TaskCanceledException">It takes too long.</exception>
    /// <exception cref="InvalidProtocolBufferException">The answer cannot be read.</exception>
    public static async Task<ClientStatusResponse> Ask(string address, ClientStatusRequest question)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(TimeoutSeconds) };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{address}{ClientStatusCall.FetchPath}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(question.ToByteArray())),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        if (Status(response.TrailingHeaders) is { } status and not "0")
            throw new HttpRequestException($"gRPC status {status}");
        if (Status(response.Headers) is { } early and not "0")
            throw new HttpRequestException($"gRPC status {early}");
        if (body.Length < FrameHeadBytes)
            throw new HttpRequestException("no answer");
        return ClientStatusResponse.Parser.ParseFrom(body.AsSpan(FrameHeadBytes));
    }

    private static string? Status(HttpResponseHeaders headers) => headers.TryGetValues("grpc-status", out var values) ? string.Concat(values) : null;

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[FrameHeadBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, FrameHeadBytes);
        return frame;
    }
}
