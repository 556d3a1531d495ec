using System.Text;

namespace Weft.Observe.Serving;

/// <summary>What a request is answered with. Immutable.</summary>
/// <param name="ContentType">"" without a body.</param>
internal sealed record HttpAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>May be kept by the browser for good: its name tells its content.</summary>
    public bool IsImmutable { get; init; }

    public static HttpAnswer Empty(int status) => new(status, "", default);

    public static HttpAnswer Text(int status, string text) => new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));

    public static HttpAnswer Json(ReadOnlyMemory<byte> body) => new(200, "application/json", body);
}

/// <summary>Answers requests, at once. Loop thread.</summary>
internal interface IHttpHandler
{
    HttpAnswer Answer(HttpCall call);

    /// <summary>Begins a gRPC call; null when there is no such method.</summary>
    GrpcCall? Begin(string path);
}

/// <summary>A gRPC call under way, unary or a stream of messages from the client, that is answered when the client has ended. Loop thread.</summary>
internal abstract class GrpcCall
{
    /// <summary>Takes a message; what is wrong with it, or null.</summary>
    public abstract string? Take(ReadOnlySpan<byte> message);

    /// <summary>The answer's message, empty as most of them are.</summary>
    public virtual ReadOnlyMemory<byte> Result => default;
}
