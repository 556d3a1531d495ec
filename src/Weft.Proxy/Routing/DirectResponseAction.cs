using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Routing;

/// <summary>DirectResponseAction. Immutable; any thread.</summary>
public sealed class DirectResponseAction
{
    private static readonly RedirectAction s_same = new();

    public int Status { get; init; }

    public byte[] Body { get; init; } = [];

    /// <summary>body_format: makes the body of a request, from <see cref="Body"/> (<c>%LOCAL_REPLY_BODY%</c>) and what else it names; null: the body is always the same.</summary>
    public SubstitutionFormat? BodyFormat { get; init; }

    /// <summary>Of a body that body_format makes.</summary>
    public byte[] ContentType { get; init; } = [];

    /// <summary>The answer carries a Location, the request's own URL: 201 and 3xx (RFC 9110 section 10.2.2).</summary>
    public bool HasLocation => Status is 201 or (>= 300 and < 400);

    /// <summary>Appends the Location of a request.</summary>
    public void WriteLocation(HeaderMap requestHeaders, ByteWriter output) => s_same.WriteLocation(requestHeaders, output);
}
