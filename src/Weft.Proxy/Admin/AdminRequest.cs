using System.Text;

namespace Weft.Proxy.Admin;

/// <summary>A request to the admin interface, whatever brought it. Main thread.</summary>
public sealed class AdminRequest
{
    private const string FormUrlEncoded = "application/x-www-form-urlencoded";

    public required string Method { get; init; }

    /// <summary>The path without its query, for example <c>/stats</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Parameters of the query; of a form body when the query has none.</summary>
    public QueryParameters Query { get; init; } = QueryParameters.None;

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <param name="target">The request's path with its query.</param>
    /// <param name="contentType">The body's type; "" when there is none.</param>
    public static AdminRequest Parse(string method, string target, string contentType = "", ReadOnlyMemory<byte> body = default)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var query = QueryParameters.Parse(mark < 0 ? "" : target[(mark + 1)..]);
        if (query.All.Count == 0 && contentType == FormUrlEncoded)
            query = QueryParameters.Parse(Encoding.UTF8.GetString(body.Span));
        return new AdminRequest { Method = method, Path = mark < 0 ? target : target[..mark], Query = query, Body = body };
    }
}
