using Weft.Http;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>Asks an authorization service, one question at a time. One worker.</summary>
internal interface IAuthzClient
{
    /// <summary>Asks; the filter hears the verdict, possibly from within this call.</summary>
    void Start(in AuthzQuestion question);

    /// <summary>The verdict is not wanted any more.</summary>
    void Cancel();
}

/// <summary>A request to ask about.</summary>
internal readonly ref struct AuthzQuestion(IHttpStream stream, HeaderMap headers, ReadOnlySpan<byte> body)
{
    public IHttpStream Stream { get; } = stream;

    public HeaderMap Headers { get; } = headers;

    /// <summary>As much of it as is asked for.</summary>
    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>The body is part of the question: null when it is not; else whether this is only a part of it.</summary>
    public bool? IsPartialBody { get; init; }

    /// <summary>context_extensions of virtual host and route, the route's over the host's.</summary>
    public IReadOnlyDictionary<string, string>? Context { get; init; }
}
