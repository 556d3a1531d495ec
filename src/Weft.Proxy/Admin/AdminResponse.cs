using Weft.Base.Buffers;

namespace Weft.Proxy.Admin;

/// <summary>
/// The answer to an admin request. A long body comes in pieces: after <see cref="Body"/> has been sent, <see cref="NextPiece"/> fills it
/// again until it says that nothing is left. Main thread.
/// </summary>
public sealed class AdminResponse
{
    public const string Text = "text/plain; charset=UTF-8";
    public const string Json = "application/json";
    public const string Html = "text/html; charset=UTF-8";

    /// <summary>HTTP status; default 200.</summary>
    public int Status { get; set; } = 200;

    public string ContentType { get; set; } = Text;

    /// <summary>Headers of every answer besides the type: nothing is cached, and no browser guesses the type.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } =
    [
        new("cache-control", "no-cache, max-age=0"),
        new("x-content-type-options", "nosniff"),
    ];

    /// <summary>The body, or its first piece.</summary>
    public ByteWriter Body { get; } = new(1024);

    /// <summary>Writes the next piece into an emptied body; false when there is none. Null: the body is whole.</summary>
    public Func<ByteWriter, bool>? NextPiece { get; set; }

    /// <summary>Set: the body has no end. Called with the client once the head was sent; then <see cref="StreamEnded"/> when it is gone.</summary>
    public Action<IAdminStream>? StreamBegun { get; set; }

    public Action<IAdminStream>? StreamEnded { get; set; }

    /// <summary>Sets status and text together.</summary>
    public void Answer(int status, string text)
    {
        Status = status;
        Body.Write(text);
    }
}
